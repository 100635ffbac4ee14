#include "io/ring.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "tests/io/make_ring.h"

using namespace tidemark;
using io::Completion;
using io::Operation;
using io::Ring;

namespace {

// Remembers what came in.
struct Recorder {
    Recorder() { op.bind<Recorder, &Recorder::record>(this); }
    void record(Completion completion) { seen.push_back(completion); }
    bool ended() const { return !op.in_flight; }
    int32_t last_result() const { return seen.empty() ? 0 : seen.back().result; }

    Operation op;
    std::vector<Completion> seen;
};

// Turns until `done()` or five seconds have passed.
template <class Done>
bool turn_until(Ring& ring, Done done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        ring.turn(Ring::Wait::kNo);
    }
    return true;
}

struct SocketPair {
    SocketPair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0); }
    ~SocketPair() {
        for (const int fd : fds) {
            if (fd >= 0) ::close(fd);
        }
    }
    int ours() const { return fds[0]; }
    int theirs() const { return fds[1]; }
    std::array<int, 2> fds{-1, -1};
};

void write_all(int fd, std::string_view bytes) {
    REQUIRE(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
}

// A connection's receiving half, as net will have it: takes bytes, gives buffers back, arms again
// whenever the multishot ends.
struct Receiver {
    Receiver(Ring& ring_, int fd_) : ring(ring_), fd(fd_) {
        op.bind<Receiver, &Receiver::on_recv>(this);
        ring.recv_multishot(fd, op);
    }
    void on_recv(Completion completion) {
        if (completion.result > 0) bytes.append(ring.buffer_of(completion));
        if (ring.has_buffer(completion)) ring.release_buffer(completion);
        if (completion.result == 0) at_end = true;
        if (completion.result == -ENOBUFS) ring.note_buffers_exhausted();
        if (completion.result == -ECANCELED) cancelled = true;
        if (io::more(completion)) return;
        ++ends;
        if (!at_end && !cancelled) ring.recv_multishot(fd, op);
    }

    Ring& ring;
    int fd;
    Operation op;
    std::string bytes;
    int ends = 0;
    bool at_end = false;
    bool cancelled = false;
};

}  // namespace

TEST_CASE("io/ring: a refusal names the cause and the remedy in one sentence") {
    CHECK(io::ring_refusal(EPERM).what.find("kernel.io_uring_disabled") != std::string::npos);
    CHECK(io::ring_refusal(EPERM).what.find("seccomp") != std::string::npos);
    CHECK(io::ring_refusal(ENOSYS).what.find("CONFIG_IO_URING") != std::string::npos);
    CHECK(io::ring_refusal(EINVAL).what.find("Linux 6.1") != std::string::npos);
    CHECK(io::ring_refusal(ENOMEM).what.find("ulimit -l") != std::string::npos);
    CHECK(io::ring_refusal(EMFILE).what.find("ulimit -n") != std::string::npos);
    CHECK(io::ring_refusal(EIO).what.find("refused") != std::string::npos);
    for (const int error : {EPERM, ENOSYS, EINVAL, ENOMEM, EMFILE, EIO}) {
        CHECK(io::ring_refusal(error).sys_errno == error);
        CHECK(io::ring_refusal(error).what.find('\n') == std::string::npos);
    }
}

TEST_CASE("io/ring: a busy poll ends when something comes, or when its time is over") {
    SystemClock clock;
    const auto ring = make_ring();
    SocketPair pair;
    Receiver receiver(*ring, pair.ours());
    CHECK(ring->busy_poll(clock, 2'000) >= 2'000);
    std::thread writer([&] {
        ::usleep(5'000);
        write_all(pair.theirs(), "abc");
    });
    CHECK(ring->busy_poll(clock, 10'000'000) < 10'000'000);
    CHECK(receiver.bytes.empty());
    writer.join();
    CHECK(turn_until(*ring, [&] { return receiver.bytes == "abc"; }));
    write_all(pair.theirs(), "def");
    ring->busy_poll(clock, 10'000'000);
    ring->turn(Ring::Wait::kNo);
    CHECK(receiver.bytes == "abcdef");
}

TEST_CASE("io/ring: an impossible size is refused, not asserted") {
    Ring::Options options;
    options.submission_entries = 1U << 30;
    const auto ring = Ring::create(options);
    REQUIRE_FALSE(ring.has_value());
    CHECK(ring.error().sys_errno == EINVAL);
}

TEST_CASE("io/ring: accept, receive and send on a real listener") {
    auto ring = make_ring();
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener, generic, sizeof address) == 0);
    REQUIRE(::listen(listener, 16) == 0);
    REQUIRE(::getsockname(listener, generic, &length) == 0);

    Recorder accepts;
    ring->accept_multishot(listener, accepts.op);
    std::array<int, 3> clients{};
    for (int& client : clients) {
        client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ring->turn(Ring::Wait::kNo);
        REQUIRE(::connect(client, generic, sizeof address) == 0);
    }
    REQUIRE(turn_until(*ring, [&] { return accepts.seen.size() == 3; }));
    CHECK(accepts.op.in_flight);
    const int accepted = accepts.seen[0].result;
    CHECK((::fcntl(accepted, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(accepted, F_GETFL) & O_NONBLOCK) != 0);

    Receiver receiver(*ring, accepted);
    write_all(clients[0], "hello");
    REQUIRE(turn_until(*ring, [&] { return receiver.bytes == "hello"; }));
    Recorder sent;
    ring->send(accepted, "world", sent.op);
    REQUIRE(turn_until(*ring, [&] { return sent.ended(); }));
    CHECK(sent.last_result() == 5);
    std::array<char, 8> got{};
    CHECK(::read(clients[0], got.data(), got.size()) == 5);
    CHECK(std::string_view(got.data(), 5) == "world");

    ::close(clients[0]);
    REQUIRE(turn_until(*ring, [&] { return receiver.at_end; }));
    for (const Completion& one : accepts.seen) ::close(one.result);
    ::close(clients[1]);
    ::close(clients[2]);
    ::close(listener);
}

TEST_CASE("io/ring: a send larger than the socket's buffer completes whole") {
    auto ring = make_ring();
    SocketPair pair;
    const std::string large(8 * 1024 * 1024, 'x');
    Recorder sent;
    Receiver receiver(*ring, pair.theirs());
    REQUIRE(::fcntl(pair.ours(), F_SETFL, O_NONBLOCK) == 0);
    ring->send(pair.ours(), large, sent.op);
    REQUIRE(
        turn_until(*ring, [&] { return sent.ended() && receiver.bytes.size() == large.size(); }));
    CHECK(sent.last_result() == static_cast<int32_t>(large.size()));
    CHECK(receiver.bytes == large);
    ::shutdown(pair.ours(), SHUT_WR);
    REQUIRE(turn_until(*ring, [&] { return receiver.at_end; }));
}

TEST_CASE("io/ring: with few buffers a flood ends receives with ENOBUFS and loses nothing") {
    Ring::Options options;
    options.buffer_count = 2;
    options.buffer_bytes = 64;
    auto ring = make_ring(options);
    SocketPair pair;
    std::string flood;
    for (int i = 0; i < 2000; ++i) flood.append(std::to_string(i)).append(" ");
    write_all(pair.theirs(), flood);
    ::shutdown(pair.theirs(), SHUT_WR);
    Receiver receiver(*ring, pair.ours());
    REQUIRE(turn_until(*ring, [&] { return receiver.at_end; }));
    CHECK(receiver.bytes == flood);
    CHECK(ring->buffers_exhausted() > 0);
    CHECK(receiver.ends > 1);
}

TEST_CASE("io/ring: buffers come back for any number of receives") {
    Ring::Options options;
    options.buffer_count = 4;
    options.buffer_bytes = 128;
    auto ring = make_ring(options);
    SocketPair pair;
    Receiver receiver(*ring, pair.ours());
    for (int i = 0; i < 500; ++i) {
        write_all(pair.theirs(), "0123456789");
        REQUIRE(turn_until(
            *ring, [&] { return receiver.bytes.size() == static_cast<size_t>(i + 1) * 10; }));
    }
    ::shutdown(pair.theirs(), SHUT_WR);
    REQUIRE(turn_until(*ring, [&] { return receiver.at_end; }));
}

TEST_CASE("io/ring: after a completion queue overflow everything still arrives") {
    Ring::Options options;
    options.submission_entries = 8;
    options.completion_entries = 16;
    options.buffer_count = 256;
    options.buffer_bytes = 64;
    auto ring = make_ring(options);
    constexpr int kPairs = 20;
    std::vector<std::unique_ptr<SocketPair>> pairs;
    std::vector<std::unique_ptr<Receiver>> receivers;
    for (int i = 0; i < kPairs; ++i) {
        pairs.push_back(std::make_unique<SocketPair>());
        receivers.push_back(std::make_unique<Receiver>(*ring, pairs.back()->ours()));
    }
    ring->turn(Ring::Wait::kNo);
    const std::string sent(64 * 6, 'q');  // six completions each: far more than sixteen
    for (const auto& pair : pairs) write_all(pair->theirs(), sent);
    REQUIRE(turn_until(*ring, [&] {
        for (const auto& receiver : receivers) {
            if (receiver->bytes != sent) return false;
        }
        return true;
    }));
    for (const auto& pair : pairs) ::shutdown(pair->theirs(), SHUT_WR);
    REQUIRE(turn_until(*ring, [&] {
        for (const auto& receiver : receivers) {
            if (!receiver->at_end) return false;
        }
        return true;
    }));
}

TEST_CASE("io/ring: a full submission queue submits and goes on") {
    Ring::Options options;
    options.submission_entries = 4;
    auto ring = make_ring(options);
    std::vector<std::unique_ptr<Recorder>> timeouts;
    for (int i = 0; i < 100; ++i) {
        timeouts.push_back(std::make_unique<Recorder>());
        ring->timeout_at(1, timeouts.back()->op);
    }
    REQUIRE(turn_until(*ring, [&] {
        for (const auto& timeout : timeouts) {
            if (!timeout->ended()) return false;
        }
        return true;
    }));
    for (const auto& timeout : timeouts) CHECK(timeout->last_result() == -ETIME);
    CHECK(ring->submitted() == 100);
}

TEST_CASE("io/ring: a cancelled receive ends with ECANCELED and may then be freed") {
    auto ring = make_ring();
    SocketPair pair;
    auto receiver = std::make_unique<Receiver>(*ring, pair.ours());
    ring->turn(Ring::Wait::kNo);
    Recorder cancel;
    ring->cancel(receiver->op, cancel.op);
    REQUIRE(turn_until(*ring, [&] { return cancel.ended() && !receiver->op.in_flight; }));
    CHECK(cancel.last_result() == 0);
    CHECK(receiver->cancelled);
    receiver.reset();
    write_all(pair.theirs(), "nobody reads this");
    ring->turn(Ring::Wait::kNo);
    Recorder again;
    Operation gone;
    ring->cancel(gone, again.op);
    REQUIRE(turn_until(*ring, [&] { return again.ended(); }));
    CHECK(again.last_result() == -ENOENT);
}

TEST_CASE("io/ring: a close reaches the peer when a shutdown went ahead") {
    auto ring = make_ring();
    SocketPair pair;
    Receiver receiver(*ring, pair.ours());
    ring->turn(Ring::Wait::kNo);
    Recorder down;
    ring->shutdown_socket(pair.ours(), down.op);
    REQUIRE(turn_until(*ring, [&] { return down.ended() && !receiver.op.in_flight; }));
    std::array<char, 8> got{};
    CHECK(::read(pair.theirs(), got.data(), got.size()) == 0);
    Recorder closed;
    const int fd = std::exchange(pair.fds[0], -1);
    ring->close_fd(fd, closed.op);
    REQUIRE(turn_until(*ring, [&] { return closed.ended(); }));
    CHECK(closed.last_result() == 0);
    CHECK(::fcntl(fd, F_GETFD) == -1);
}

TEST_CASE("io/ring: a send to a peer that is gone fails without a signal") {
    auto ring = make_ring();
    SocketPair pair;
    ::close(std::exchange(pair.fds[1], -1));
    Recorder sent;
    ring->send(pair.ours(), "x", sent.op);
    REQUIRE(turn_until(*ring, [&] { return sent.ended(); }));
    CHECK(sent.last_result() == -EPIPE);
}

TEST_CASE("io/ring: a waiting turn ends with a timeout at its deadline, not before") {
    auto ring = make_ring();
    SystemClock clock;
    const int64_t due_us = clock.monotonic_us() + 20'000;
    Recorder timeout;
    ring->timeout_at(due_us, timeout.op);
    while (!timeout.ended()) ring->turn(Ring::Wait::kForCompletion);
    CHECK(clock.monotonic_us() >= due_us);
    CHECK(timeout.last_result() == -ETIME);
    CHECK(ring->turns() < 5);
}

TEST_CASE("io/ring: a file is written and synced through the ring") {
    auto ring = make_ring();
    std::string path = "/tmp/tidemark-ring-XXXXXX";
    const int fd = ::mkstemp(path.data());
    REQUIRE(fd >= 0);
    ::unlink(path.c_str());
    Recorder write;
    Recorder sync;
    ring->write(fd, "abcdef", 3, write.op);
    REQUIRE(turn_until(*ring, [&] { return write.ended(); }));
    ring->fdatasync(fd, sync.op);
    REQUIRE(turn_until(*ring, [&] { return sync.ended(); }));
    CHECK(write.last_result() == 6);
    CHECK(sync.last_result() == 0);
    std::array<char, 16> got{};
    CHECK(::pread(fd, got.data(), got.size(), 3) == 6);
    CHECK(std::string_view(got.data(), 6) == "abcdef");
    ::close(fd);
}

TEST_CASE("io/ring: a buried operation is dropped with its owner") {
    auto ring = make_ring();
    SocketPair pair;
    int calls = 0;
    auto op = std::make_unique<Operation>();
    op->owner = &calls;
    op->on_complete = [](Operation& self, Completion) { ++*static_cast<int*>(self.owner); };
    ring->recv_multishot(pair.ours(), *op);
    ring->turn(Ring::Wait::kNo);
    write_all(pair.theirs(), "x");
    ring->bury(std::move(op));
    for (int i = 0; i < 10; ++i) ring->turn(Ring::Wait::kNo);
    CHECK(calls == 0);
    write_all(pair.theirs(), "still open");
}

TEST_CASE("io/ring: workers can be kept on a cpu, and off it") {
    auto ring = make_ring();
    CHECK(ring->place_workers(Ring::Workers::kOnCpu, 0).has_value());
    CHECK(ring->place_workers(Ring::Workers::kOffCpu, 0).has_value());
}
