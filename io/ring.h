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

#include "base/clock.h"
#include "base/result.h"
#include "io/operation.h"

struct io_uring;
struct io_uring_sqe;

namespace tidemark::io {

// At most this many handlers run in one turn; the rest follow in the next.
inline constexpr size_t kMaxCompletionsPerTurn = 4096;

// Why the kernel refused a ring, and what to do about it, in one sentence.
Error ring_refusal(int sys_errno);

// True while a multishot operation stays armed; false on its last completion, also with result > 0.
bool more(Completion completion);

class Ring {
public:
    struct Options {
        uint32_t submission_entries = 4096;
        // Large, because a completion queue that overflows ends every multishot.
        uint32_t completion_entries = 32'768;
        // Provided receive buffers: at most how many (a power of two), how many at first, and the
        // size of each. They are used in turn, so a few stay in the processor's cache where many
        // would not; each time none is free their number doubles.
        uint32_t buffer_count = 1024;
        uint32_t initial_buffers = 64;
        uint32_t buffer_bytes = 16 * 1024;
    };

    // Refuses with one sentence that names the setting that forbids io_uring (sysctl
    // kernel.io_uring_disabled, a container's seccomp profile, an old kernel).
    static Result<std::unique_ptr<Ring>> create(const Options& options);
    ~Ring();
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    enum class Wait { kForCompletion, kNo };
    // Gives released buffers back, submits what is queued, waits for at least one completion if
    // asked, and calls the handlers of everything that has completed, at most
    // kMaxCompletionsPerTurn. Returns how many there were; 0 also when a signal ended the wait.
    size_t turn(Wait wait) {
        submit_and_wait(wait);
        return dispatch();
    }
    // The two halves of a turn, for a loop that reads the clock between them. With a limit the wait
    // also ends after so many microseconds; 0: no limit.
    void submit_and_wait(Wait wait, int64_t limit_us = 0);
    // In front of them: submits what is queued, and looks for completions for at most so long.
    // Returns how long it did, in microseconds. No handler runs. Makes way for other threads that
    // want the processor for a moment.
    int64_t busy_poll(Clock& clock, int64_t limit_us);
    // In between: shows waiting completions to the operations that want to look ahead, before any
    // is handled, so that what all of them need from memory can be on its way at once. Nothing to
    // gain from a single one.
    void peek();
    size_t dispatch();

    // --- sockets
    // Result: the new fd (non-blocking, cloexec).
    void accept_multishot(int listener_fd, Operation& op);
    // Fills provided buffers; look at buffer_of(completion), give it back with release_buffer.
    // -ENOBUFS: no buffer was free; give back, then arm again.
    void recv_multishot(int fd, Operation& op);
    // Bytes stay until completion. The result can still be short (the peer is gone half way).
    void send(int fd, std::string_view bytes, Operation& op);
    // `op` is the cancel's own completion (0, or -ENOENT when `target` was not in flight any more);
    // `target` completes as well, with -ECANCELED if the cancel was in time.
    void cancel(Operation& target, Operation& op);
    // A close alone does not reach the peer while a recv is armed: shut down first, close when the
    // recv's last completion is in.
    void shutdown_socket(int fd, Operation& op);
    void close_fd(int fd, Operation& op);
    void poll_multishot(int fd, uint32_t poll_mask, Operation& op);

    bool has_buffer(Completion completion) const;
    // The bytes received; valid until release_buffer.
    std::string_view buffer_of(Completion completion) const;
    // The kernel gets it back with the next turn's submission, together with the others.
    void release_buffer(Completion completion);

    // --- files
    void fdatasync(int fd, Operation& op);
    void fsync(int fd, Operation& op);
    void write(int fd, std::string_view bytes, uint64_t offset, Operation& op);

    // --- time: absolute, CLOCK_MONOTONIC, microseconds. Completes with -ETIME (or -ECANCELED).
    void timeout_at(int64_t monotonic_us, Operation& op);

    // --- owners that go away
    // Takes over an operation whose owner cannot wait: cancels it, drops its completions, and frees
    // it after the last. Not for one that holds bytes of its owner (send, write).
    void bury(std::unique_ptr<Operation> op);

    // --- for tests and INFO
    uint64_t turns() const { return turns_; }
    uint64_t submitted() const { return submitted_; }
    uint64_t buffers_exhausted() const { return buffers_exhausted_; }
    // A receive ended with -ENOBUFS: counts it, and adds buffers up to the limit.
    void note_buffers_exhausted();

    // The kernel's io workers run on `cpu` (the one the loop is pinned to) only, or anywhere else.
    // The latter is a no-op where there is no other.
    enum class Workers : uint8_t { kOnCpu, kOffCpu };
    Status place_workers(Workers place, int cpu);

private:
    struct State;

    explicit Ring(std::unique_ptr<State> state);
    io_uring_sqe* next_sqe(Operation& op);
    void publish_buffers();
    void provide_buffers(uint32_t count);
    void lay_to_rest(std::unique_ptr<Operation> op);
    static void on_buried_complete(Operation& self, Completion completion);

    std::unique_ptr<State> state_;
    uint64_t turns_ = 0;
    uint64_t submitted_ = 0;
    uint64_t buffers_exhausted_ = 0;
    int looks_without_yield_ = 0;  // still to come
};

}  // namespace tidemark::io
