// The one io_uring: sockets, log syncs, timers and wake-ups all complete here, on the loop's
// thread.
//
// SINGLE_ISSUER and DEFER_TASKRUN, one submit-and-wait a turn. Every method queues a submission for
// the next turn() unless it says otherwise; a full submission queue submits and goes on.
// Completions call the Operation's handler from inside turn(). An Operation stays alive until the
// completion without `more` has come (see io/operation.h).
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "io/operation.h"

struct io_uring;
struct io_uring_sqe;

namespace tidemark::io {

// True while a multishot operation stays armed; false on its last completion, also with result > 0.
bool more(Completion completion);

class Ring {
public:
    struct Options {
        uint32_t submission_entries = 4096;
        // Large, because a completion queue that overflows ends every multishot.
        uint32_t completion_entries = 32'768;
        // Provided receive buffers: count (a power of two) and size each.
        uint32_t buffer_count = 1024;
        uint32_t buffer_bytes = 16 * 1024;
    };

    // Refuses with one sentence that names the setting that forbids io_uring (sysctl
    // kernel.io_uring_disabled, a container's seccomp profile, an old kernel).
    static Result<std::unique_ptr<Ring>> create(const Options& options);
    ~Ring();
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    enum class Wait { kForCompletion, kNo };
    // Submits what is queued, waits for at least one completion if asked, and calls the handlers of
    // everything that has completed, at most `kMaxCompletionsPerTurn`. Returns how many there were.
    size_t turn(Wait wait);

    // --- sockets
    void accept_multishot(int listener_fd,
                          Operation& op);  // result: the new fd (non-blocking, cloexec)
    // Fills provided buffers; look at buffer_of(completion), give it back with release_buffer.
    // -ENOBUFS: no buffer was free; give back, then arm again.
    void recv_multishot(int fd, Operation& op);
    void send(int fd, std::string_view bytes, Operation& op);  // bytes stay until completion
    void cancel(Operation& target, Operation& op);             // op: the cancel's own completion
    void shutdown_socket(int fd, Operation& op);
    void close_fd(int fd, Operation& op);
    void poll_multishot(int fd, uint32_t poll_mask, Operation& op);

    std::string_view buffer_of(Completion completion) const;
    void release_buffer(Completion completion);
    bool has_buffer(Completion completion) const;

    // --- files
    void fdatasync(int fd, Operation& op);
    void write(int fd, std::string_view bytes, uint64_t offset, Operation& op);

    // --- time: absolute, CLOCK_MONOTONIC, microseconds. Completes with -ETIME (or -ECANCELED).
    void timeout_at(int64_t monotonic_us, Operation& op);

    // --- for tests and INFO
    uint64_t turns() const { return turns_; }
    uint64_t submitted() const { return submitted_; }
    uint64_t buffers_exhausted() const { return buffers_exhausted_; }
    void note_buffers_exhausted() { ++buffers_exhausted_; }

    // Keeps the kernel's io workers off `cpu` (the one the loop is pinned to). No-op where the
    // process may run on one cpu only.
    Status keep_workers_off_cpu(int cpu);

private:
    Ring() = default;
    io_uring_sqe* next_sqe(Operation* op);

    struct State;
    std::unique_ptr<State> state_;
    uint64_t turns_ = 0;
    uint64_t submitted_ = 0;
    uint64_t buffers_exhausted_ = 0;
};

}  // namespace tidemark::io
