// One client socket: bytes in, requests out to the owner, replies back when they may leave.
//
//   recv (multishot, shared buffers) -> parse -> on_requests -> output -> [held] -> send
//
// Runs on the loop's thread. Invariants:
//  1. At most one send is in flight; what it reads (`sending_`) does not move until it completes.
//  2. A reply that depends on a log offset, and everything behind it, stays in `output_` until
//     release() has been told of that offset.
//  3. Memory is bounded whatever the client does: past kOutputPauseBytes of unread replies its
//     requests are not read, past the query buffer's limit it is closed.
//  4. It dies in two steps: close_now() shuts the socket and cancels; on_dead() is called when the
//     last completion is in, and only then may the object go.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "io/ring.h"
#include "resp/request_parser.h"

namespace tidemark::net {

// Replies that wait for a client to read them before its requests are left unread, and where
// reading resumes. Large enough for clients that send a whole pipeline before they read anything.
inline constexpr size_t kOutputPauseBytes = 64 * 1024 * 1024;
inline constexpr size_t kOutputResumeBytes = 16 * 1024 * 1024;
// Requests parsed, prefetched and executed together.
inline constexpr size_t kBatchRequests = 64;
// What arrived is looked at ahead of its turn when it is no longer than this: a request or two. A
// pipeline prefetches for itself.
inline constexpr int32_t kPeekBytes = 512;
// A buffer larger than this is freed as soon as it is empty; smaller ones when the client idles.
inline constexpr size_t kKeptBufferBytes = 32 * 1024;

// What all connections of a loop share.
struct ConnectionContext {
    explicit ConnectionContext(io::Ring& loop) : ring(loop) {}

    io::Ring& ring;
    resp::Limits resp_limits;
    size_t query_buffer_limit = 1024UL * 1024 * 1024;
    resp::RequestBatch batch;  // scratch of whichever connection is parsing
    uint64_t turn = 0;         // number of this turn of the loop
    uint64_t input_bytes = 0;  // totals, for INFO
    uint64_t output_bytes = 0;
    uint64_t reads = 0;  // completed
    uint64_t writes = 0;
};

class Connection {
public:
    Connection(ConnectionContext& context, int fd);
    virtual ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int fd() const { return fd_; }
    void start();

    // --- replies
    Buffer& output() { return output_; }
    // Where the next reply byte will stand in the stream of all replies.
    uint64_t output_position() const { return output_start_ + output_.size(); }
    // What stands at `position` and behind may leave only when release(offset) has been called.
    void hold(uint64_t position, uint64_t offset);
    // Drops what was appended at `position` and behind: a reply that nobody asked for.
    void take_back(uint64_t position) {
        output_.shorten(static_cast<size_t>(position - output_start_));
    }
    bool holding() const { return !holds_.empty(); }
    void release(uint64_t offset);
    // Sends what may leave, if anything, unless a send is in flight.
    void flush();
    size_t unsent_bytes() const { return output_.size() + sending_.size(); }

    // --- reading
    // Why requests are not taken from the client at the moment; several may hold at once.
    enum Pause : uint8_t {
        kWaiting = 1,     // inside a blocking command
        kOutputFull = 2,  // it does not read its replies
        kLogFull = 4,     // it writes faster than the disk
    };
    void pause(Pause why);
    // Lifts one reason; when it was the last, takes the requests that have arrived meanwhile.
    void resume(Pause why);
    // By whoever runs requests, after each: replies of one batch alone may be gigabytes.
    void pause_if_output_full();
    bool paused() const { return pauses_ != 0; }

    // --- end
    void close_after_output();
    void close_now();
    bool closing() const { return closing_; }
    bool dead() const {
        return closing_ && !recv_.in_flight && !send_.in_flight && !cancel_.in_flight;
    }

    // Frees what an idle client does not need.
    void trim();
    size_t input_buffered() const { return input_.size(); }
    size_t input_capacity() const { return input_.capacity(); }
    size_t output_capacity() const { return output_.capacity() + sending_.capacity(); }

protected:
    // Runs requests in order and returns how many; fewer than given when one of them paused or
    // closed the connection. Views are valid during the call.
    virtual size_t on_requests(const resp::RequestBatch& batch) = 0;
    // The peer broke the protocol; `error` is the reply's text. The connection closes after it.
    virtual void on_protocol_error(std::string_view error) = 0;
    // Bytes that on_requests will most likely be given in this turn; for prefetching only.
    virtual void on_input_ahead(std::string_view bytes) = 0;
    // flush() wants to be called at the end of this turn.
    virtual void on_wants_flush() = 0;
    // Too much input that is no whole request; it is being closed.
    virtual void on_query_buffer_full() = 0;
    // The last completion is in; the owner may delete it, but not from inside this call.
    virtual void on_dead() = 0;
    // The first limits of an unauthenticated client are tighter.
    virtual const resp::Limits& limits() const { return context_.resp_limits; }

    ConnectionContext& context_;

private:
    // Bytes from `position` on need `offset`; both rise along the vector.
    struct Hold {
        uint64_t position;
        uint64_t offset;
        uint64_t turn;
    };

    void arm_recv();
    void on_recv(io::Completion completion);
    void on_recv_peek(io::Completion completion);
    void on_send(io::Completion completion);
    void on_cancelled(io::Completion completion);
    void take(std::string_view bytes);
    size_t run_requests(std::string_view bytes);
    void finish_if_dead();
    size_t leavable() const;

    int fd_;
    uint8_t pauses_ = 0;
    bool closing_ = false;
    bool close_after_output_ = false;
    bool stop_parsing_ = false;  // protocol error or QUIT: what follows is not looked at
    bool dead_told_ = false;
    resp::RequestParser parser_;
    Buffer input_;   // the beginning of a request that is not complete, or unread ones while paused
    Buffer output_;  // replies, oldest first
    Buffer sending_;             // in flight
    uint64_t output_start_ = 0;  // stream position of output_'s first byte
    std::vector<Hold> holds_;
    io::Operation recv_;
    io::Operation send_;
    io::Operation cancel_;
};

}  // namespace tidemark::net
