#include "net/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.h"

namespace tidemark::net {

Connection::Connection(ConnectionContext& context, int fd) : context_(context), fd_(fd) {
    recv_.bind<Connection, &Connection::on_recv>(this);
    recv_.bind_peek<Connection, &Connection::on_recv_peek>();
    send_.bind<Connection, &Connection::on_send>(this);
    cancel_.bind<Connection, &Connection::on_cancelled>(this);
}

Connection::~Connection() {
    TM_ASSERT(!recv_.in_flight && !send_.in_flight && !cancel_.in_flight);
    ::close(fd_);
}

void Connection::start() {
    arm_recv();
}

void Connection::arm_recv() {
    constexpr uint8_t kStopsReading = kOutputFull | kLogFull;
    if (recv_.in_flight || closing_ || stop_parsing_ || (pauses_ & kStopsReading) != 0) return;
    context_.ring.recv_multishot(fd_, recv_);
}

// --- reading

void Connection::on_recv(io::Completion completion) {
    if (completion.result > 0) {
        const std::string_view bytes = context_.ring.buffer_of(completion);
        context_.input_bytes += bytes.size();
        ++context_.reads;
        if (!closing_) take(bytes);
        context_.ring.release_buffer(completion);
    } else {
        if (context_.ring.has_buffer(completion)) context_.ring.release_buffer(completion);
        const bool will_go_on = completion.result == -ENOBUFS || completion.result == -ECANCELED ||
                                completion.result == -EINTR;
        if (completion.result == -ENOBUFS) context_.ring.note_buffers_exhausted();
        if (!will_go_on) close_now();
    }
    if (!io::more(completion)) arm_recv();
    finish_if_dead();
}

void Connection::on_recv_peek(io::Completion completion) {
    if (completion.result <= 0 || completion.result > kPeekBytes) return;
    if (!input_.empty() || paused() || closing_) return;
    on_input_ahead(context_.ring.buffer_of(completion));
}

void Connection::take(std::string_view bytes) {
    if (stop_parsing_) return;
    if (input_.empty() && !paused()) {
        // The common case: whole requests, executed where the kernel put them.
        bytes.remove_prefix(run_requests(bytes));
    }
    if (bytes.empty() || stop_parsing_ || closing_) return;
    const bool was_empty = input_.empty();
    input_.append(bytes);
    if (!was_empty && !paused()) input_.consume(run_requests(input_.view()));
    if (input_.empty() && input_.capacity() > kKeptBufferBytes) input_.release();
    if (input_.size() > context_.query_buffer_limit && !closing_) {
        on_query_buffer_full();
        close_now();
    }
}

// Runs whole requests from the front of `bytes`; returns how many bytes they were.
size_t Connection::run_requests(std::string_view bytes) {
    size_t done = 0;
    while (!paused() && !closing_ && !stop_parsing_) {
        resp::RequestBatch& batch = context_.batch;
        batch.clear();
        size_t used = 0;
        const auto state =
            parser_.parse(bytes.substr(done), kBatchRequests, limits(), batch, &used);
        const size_t count = batch.requests.size();
        const size_t ran = count == 0 ? 0 : on_requests(batch);
        if (ran < count) {
            // Stopped in the middle: what was not run is parsed again when it goes on.
            parser_.reset();
            return done + (ran == 0 ? 0 : batch.requests[ran - 1].end);
        }
        done += used;
        if (state == resp::RequestParser::State::kError) {
            stop_parsing_ = true;
            on_protocol_error(parser_.error());
            close_after_output();
        }
        if (state != resp::RequestParser::State::kFull) break;
    }
    return done;
}

void Connection::pause_if_output_full() {
    if (unsent_bytes() > kOutputPauseBytes) pause(kOutputFull);
}

void Connection::pause(Pause why) {
    pauses_ = static_cast<uint8_t>(pauses_ | why);
    // A waiting client is still listened to: its going away must be noticed.
    if (why != kWaiting && recv_.in_flight && !cancel_.in_flight && !closing_) {
        context_.ring.cancel(recv_, cancel_);
    }
}

void Connection::resume(Pause why) {
    if ((pauses_ & why) == 0) return;
    pauses_ = static_cast<uint8_t>(pauses_ & ~why);
    if (paused() || closing_) return;
    if (!input_.empty()) {
        input_.consume(run_requests(input_.view()));
        if (input_.empty() && input_.capacity() > kKeptBufferBytes) input_.release();
    }
    arm_recv();
}

// --- replies

void Connection::hold(uint64_t position, uint64_t offset) {
    if (!holds_.empty()) {
        Hold& last = holds_.back();
        if (last.offset >= offset) return;  // it stands behind that one and waits anyway
        if (last.turn == context_.turn) {
            // Writes of one turn are one group and become durable together.
            last.offset = offset;
            return;
        }
    }
    holds_.push_back({position, offset, context_.turn});
}

void Connection::release(uint64_t offset) {
    const auto first_held = std::find_if(holds_.begin(), holds_.end(),
                                         [&](const Hold& hold) { return hold.offset > offset; });
    holds_.erase(holds_.begin(), first_held);
}

size_t Connection::leavable() const {
    if (holds_.empty()) return output_.size();
    return static_cast<size_t>(holds_.front().position - output_start_);
}

void Connection::flush() {
    if (send_.in_flight || closing_) return;
    const size_t bytes = leavable();
    if (bytes == 0) {
        if (close_after_output_ && output_.empty()) close_now();
        return;
    }
    TM_ASSERT(sending_.empty());
    if (bytes == output_.size()) {
        output_.swap(sending_);
    } else {
        sending_.append(output_.view().substr(0, bytes));
        output_.consume(bytes);
    }
    output_start_ += bytes;
    context_.ring.send(fd_, sending_.view(), send_);
}

void Connection::on_send(io::Completion completion) {
    if (completion.result < 0 && completion.result != -EINTR && completion.result != -EAGAIN) {
        close_now();
    } else if (!closing_) {
        const auto sent = static_cast<size_t>(std::max(completion.result, 0));
        context_.output_bytes += sent;
        ++context_.writes;
        sending_.consume(sent);
        if (!sending_.empty()) {
            context_.ring.send(fd_, sending_.view(), send_);
            return;
        }
        if (sending_.capacity() > kKeptBufferBytes) sending_.release();
        if (leavable() > 0 || close_after_output_) on_wants_flush();
        if ((pauses_ & kOutputFull) != 0 && unsent_bytes() < kOutputResumeBytes) {
            resume(kOutputFull);
        }
    }
    finish_if_dead();
}

// --- end

void Connection::close_after_output() {
    close_after_output_ = true;
    stop_parsing_ = true;
    on_wants_flush();
}

void Connection::close_now() {
    if (closing_) return;
    closing_ = true;
    // Shutting down first lets the peer see the end even while a receive is armed.
    ::shutdown(fd_, SHUT_RDWR);
    if (recv_.in_flight && !cancel_.in_flight) context_.ring.cancel(recv_, cancel_);
    finish_if_dead();
}

void Connection::on_cancelled(io::Completion) {
    if (closing_ && recv_.in_flight) {
        // The first cancel may have met a receive that was just being armed again.
        context_.ring.cancel(recv_, cancel_);
    }
    arm_recv();
    finish_if_dead();
}

void Connection::finish_if_dead() {
    if (!dead() || dead_told_) return;
    dead_told_ = true;
    on_dead();
}

void Connection::trim() {
    if (input_.empty()) input_.release();
    if (output_.empty()) output_.release();
    if (sending_.empty() && !send_.in_flight) sending_.release();
}

}  // namespace tidemark::net
