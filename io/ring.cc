// Invariants
//  1. Only the thread that created the ring touches it (SINGLE_ISSUER).
//  2. user_data of every submission is the address of an Operation that has `in_flight` set; it is
//     cleared just before the handler of the completion without F_MORE.
//  3. A provided buffer belongs to the kernel or to exactly one completion that was not released.
//     Released ones are published before the next submission, so that a recv that is armed again
//     after -ENOBUFS finds them.
#include "io/ring.h"

#include <liburing.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "base/assert.h"

namespace tidemark::io {

namespace {

constexpr uint16_t kBufferGroup = 0;
// Linux 6.0 (SINGLE_ISSUER), 6.1 (DEFER_TASKRUN). SUBMIT_ALL: one bad entry does not hold up those
// behind it. TASKRUN_FLAG: completions that wait for the next call can be seen without one.
constexpr uint32_t kSetupFlags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                                 IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE |
                                 IORING_SETUP_TASKRUN_FLAG;
// A full submission queue empties with one submit; more are needed only while the kernel is out of
// memory for a moment.
constexpr int kSubmitAttempts = 1000;
// Between two looks at the clock.
constexpr int kPausesPerClock = 16;

// Where the kernel's worker that ends a direct write must run on the loop's own processor, it waits
// for as long as the scheduler lets the loop look on, milliseconds; so the loop makes way. A thread
// that computes takes as long as it may, which is not worth it: then not for so many looks.
constexpr int64_t kLongYieldUs = 500;
constexpr int kLooksWithout = 1'000;

// Tells the processor that this is a loop that waits.
void pause_processor() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

__kernel_timespec timespec_of(int64_t us) {
    return {us / 1'000'000, us % 1'000'000 * 1'000};
}

// An anonymous mapping; pages exist once they are touched.
class Mapping {
public:
    explicit Mapping(size_t bytes) : bytes_(bytes) {
        void* at =
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
        if (at != MAP_FAILED) at_ = at;
    }
    ~Mapping() {
        if (at_ != nullptr) ::munmap(at_, bytes_);
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    void* get() const { return at_; }

private:
    size_t bytes_;
    void* at_ = nullptr;
};

// All that the process may use but `cpu`. When it is pinned to that one itself, its workers may
// still use the others.
Status allow_other_cpus(cpu_set_t& allowed, int cpu) {
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return fail(system_error(errno, "Can't read the CPU affinity"));
    if (CPU_COUNT(&allowed) == 1) {
        for (long other = 0; other < ::sysconf(_SC_NPROCESSORS_ONLN); ++other)
            CPU_SET(static_cast<size_t>(other), &allowed);
    }
    CPU_CLR(static_cast<size_t>(cpu), &allowed);
    return {};
}

}  // namespace

Error ring_refusal(int sys_errno) {
    std::string why;
    switch (sys_errno) {
        case EPERM:
        case EACCES:
            why =
                "io_uring is forbidden here: set the sysctl kernel.io_uring_disabled to 0, or in a "
                "container allow io_uring_setup, io_uring_enter and io_uring_register in its "
                "seccomp profile";
            break;
        case ENOSYS:
            why =
                "this kernel has no io_uring: use Linux 6.1 or newer built with CONFIG_IO_URING, "
                "or a container runtime that passes its system calls";
            break;
        case EINVAL:
            why =
                "this kernel's io_uring is too old: Linux 6.1 or newer is needed (for "
                "IORING_SETUP_SINGLE_ISSUER, IORING_SETUP_DEFER_TASKRUN and buffer rings)";
            break;
        case ENOMEM:
            why =
                "the kernel has no memory for an io_uring: raise the limit on locked memory "
                "(ulimit -l, LimitMEMLOCK=) or the container's memory";
            break;
        case EMFILE:
        case ENFILE:
            why = "no file descriptor is left for an io_uring: raise ulimit -n";
            break;
        default:
            why = "the kernel refused to set up an io_uring";
            break;
    }
    return system_error(sys_errno, why);
}

bool more(Completion completion) {
    return (completion.flags & IORING_CQE_F_MORE) != 0;
}

struct Ring::State {
    explicit State(const Options& options)
        : buffer_bytes(options.buffer_bytes),
          buffer_mask(static_cast<int>(options.buffer_count) - 1),
          table(options.buffer_count * sizeof(io_uring_buf)),
          buffers(size_t{options.buffer_count} * options.buffer_bytes) {}
    ~State() {
        if (ready) io_uring_queue_exit(&ring);
    }

    io_uring_buf_ring* buffer_ring() const { return static_cast<io_uring_buf_ring*>(table.get()); }
    char* buffer_at(uint32_t id) const {
        return static_cast<char*>(buffers.get()) + size_t{id} * buffer_bytes;
    }

    io_uring ring{};
    bool ready = false;
    uint32_t buffer_bytes;
    int buffer_mask;
    uint32_t provided = 0;  // buffers that the kernel has or had; the rest are untouched memory
    int unpublished = 0;    // buffers that were released since the last publish
    Mapping table;          // io_uring_buf_ring, shared with the kernel
    Mapping buffers;
    // Deadlines that queued timeouts point at until they are submitted, by submission slot.
    std::vector<__kernel_timespec> deadlines;
    std::vector<std::unique_ptr<Operation>> graveyard;
};

Ring::Ring(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ring::~Ring() = default;

Result<std::unique_ptr<Ring>> Ring::create(const Options& options) {
    const uint32_t count = options.buffer_count;
    TM_ASSERT(count > 0 && count <= 32'768 && (count & (count - 1)) == 0);
    auto state = std::make_unique<State>(options);
    if (state->table.get() == nullptr || state->buffers.get() == nullptr) {
        return fail(system_error(ENOMEM, "Can't map the receive buffers"));
    }

    io_uring_params params{};
    params.flags = kSetupFlags;
    params.cq_entries = options.completion_entries;
    if (const int error =
            io_uring_queue_init_params(options.submission_entries, &state->ring, &params);
        error < 0) {
        return fail(ring_refusal(-error));
    }
    state->ready = true;
    state->deadlines.resize(params.sq_entries);

    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<uintptr_t>(state->table.get());
    registration.ring_entries = count;
    registration.bgid = kBufferGroup;
    if (const int error = io_uring_register_buf_ring(&state->ring, &registration, 0); error < 0) {
        return fail(ring_refusal(-error));
    }
    io_uring_buf_ring_init(state->buffer_ring());
    auto created = std::unique_ptr<Ring>(new Ring(std::move(state)));
    created->provide_buffers(std::min(options.initial_buffers, count));
    return created;
}

void Ring::submit_and_wait(Wait wait, int64_t limit_us) {
    ++turns_;
    publish_buffers();
    io_uring* const ring = &state_->ring;
    int submitted = 0;
    if (wait == Wait::kNo) {
        submitted = io_uring_submit_and_get_events(ring);
    } else if (limit_us == 0) {
        submitted = io_uring_submit_and_wait(ring, 1);
    } else {
        // The limit goes with the same system call: no operation, and no timer unless it sleeps.
        __kernel_timespec limit = timespec_of(limit_us);
        io_uring_cqe* first = nullptr;
        submitted = io_uring_submit_and_wait_timeout(ring, &first, 1, &limit, nullptr);
    }
    // EINTR: a signal. EAGAIN, EBUSY: no memory for a moment, or completions must be taken first;
    // what was not submitted stays queued for the next turn.
    TM_ASSERT(submitted >= 0 || submitted == -EINTR || submitted == -EAGAIN ||
              submitted == -EBUSY || submitted == -ETIME);
}

int64_t Ring::busy_poll(Clock& clock, int64_t limit_us) {
    publish_buffers();
    io_uring* const ring = &state_->ring;
    io_uring_submit(ring);
    const auto has_work = [ring] {
        const unsigned flags = __atomic_load_n(ring->sq.kflags, __ATOMIC_RELAXED);
        return (flags & IORING_SQ_TASKRUN) != 0 || io_uring_cq_ready(ring) > 0;
    };
    const bool yields = looks_without_yield_ == 0;
    if (!yields) --looks_without_yield_;
    const int64_t began_us = clock.monotonic_us();
    int64_t polled_us = 0;
    while (!has_work() && polled_us < limit_us) {
        for (int i = 0; i < kPausesPerClock && !has_work(); ++i) pause_processor();
        if (yields && !has_work()) ::sched_yield();
        const int64_t before_us = polled_us;
        polled_us = clock.monotonic_us() - began_us;
        if (yields && polled_us - before_us > kLongYieldUs) looks_without_yield_ = kLooksWithout;
    }
    return polled_us;
}

void Ring::peek() {
    if (io_uring_cq_ready(&state_->ring) < 2) return;
    unsigned head = 0;
    io_uring_cqe* cqe = nullptr;
    io_uring_for_each_cqe(&state_->ring, head, cqe) {
        auto* const op = static_cast<Operation*>(io_uring_cqe_get_data(cqe));
        if (op->on_peek != nullptr) op->on_peek(*op, {cqe->res, cqe->flags});
    }
}

size_t Ring::dispatch() {
    unsigned head = 0;
    unsigned handled = 0;
    io_uring_cqe* cqe = nullptr;
    io_uring_for_each_cqe(&state_->ring, head, cqe) {
        if (handled == kMaxCompletionsPerTurn) break;
        ++handled;
        auto* const op = static_cast<Operation*>(io_uring_cqe_get_data(cqe));
        const Completion completion{cqe->res, cqe->flags};
        TM_ASSERT(op->in_flight);
        if (!more(completion)) op->in_flight = false;
        if (op->on_complete != nullptr) op->on_complete(*op, completion);
    }
    io_uring_cq_advance(&state_->ring, handled);
    return handled;
}

// Handlers queue from inside dispatch(), so the queue can be full before the turn's own submit.
io_uring_sqe* Ring::next_sqe(Operation& op) {
    TM_ASSERT(!op.in_flight);
    io_uring_sqe* sqe = io_uring_get_sqe(&state_->ring);
    for (int attempt = 0; sqe == nullptr; ++attempt) {
        TM_ASSERT(attempt < kSubmitAttempts);
        publish_buffers();
        io_uring_submit(&state_->ring);
        sqe = io_uring_get_sqe(&state_->ring);
    }
    ++submitted_;
    op.in_flight = true;
    // The prep functions leave user_data alone.
    io_uring_sqe_set_data(sqe, &op);
    return sqe;
}

void Ring::accept_multishot(int listener_fd, Operation& op) {
    io_uring_prep_multishot_accept(next_sqe(op), listener_fd, nullptr, nullptr,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void Ring::recv_multishot(int fd, Operation& op) {
    io_uring_sqe* const sqe = next_sqe(op);
    io_uring_prep_recv_multishot(sqe, fd, nullptr, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = kBufferGroup;
}

// WAITALL: the kernel goes on after a partial send by itself, without a round through the loop.
void Ring::send(int fd, std::string_view bytes, Operation& op) {
    io_uring_prep_send(next_sqe(op), fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_WAITALL);
}

void Ring::cancel(Operation& target, Operation& op) {
    io_uring_prep_cancel(next_sqe(op), &target, 0);
}

void Ring::shutdown_socket(int fd, Operation& op) {
    io_uring_prep_shutdown(next_sqe(op), fd, SHUT_RDWR);
}

void Ring::close_fd(int fd, Operation& op) {
    io_uring_prep_close(next_sqe(op), fd);
}

void Ring::poll_multishot(int fd, uint32_t poll_mask, Operation& op) {
    io_uring_prep_poll_multishot(next_sqe(op), fd, poll_mask);
}

bool Ring::has_buffer(Completion completion) const {
    return (completion.flags & IORING_CQE_F_BUFFER) != 0;
}

std::string_view Ring::buffer_of(Completion completion) const {
    TM_ASSERT(has_buffer(completion));
    const uint32_t id = completion.flags >> IORING_CQE_BUFFER_SHIFT;
    return {state_->buffer_at(id),
            completion.result > 0 ? static_cast<size_t>(completion.result) : 0};
}

void Ring::release_buffer(Completion completion) {
    TM_ASSERT(has_buffer(completion));
    const uint32_t id = completion.flags >> IORING_CQE_BUFFER_SHIFT;
    io_uring_buf_ring_add(state_->buffer_ring(), state_->buffer_at(id), state_->buffer_bytes,
                          static_cast<uint16_t>(id), state_->buffer_mask, state_->unpublished);
    ++state_->unpublished;
}

void Ring::provide_buffers(uint32_t count) {
    const uint32_t limit = static_cast<uint32_t>(state_->buffer_mask) + 1;
    const uint32_t end = std::min(limit, state_->provided + count);
    for (; state_->provided < end; ++state_->provided, ++state_->unpublished) {
        io_uring_buf_ring_add(state_->buffer_ring(), state_->buffer_at(state_->provided),
                              state_->buffer_bytes, static_cast<uint16_t>(state_->provided),
                              state_->buffer_mask, state_->unpublished);
    }
}

void Ring::note_buffers_exhausted() {
    ++buffers_exhausted_;
    provide_buffers(state_->provided);
}

void Ring::publish_buffers() {
    if (state_->unpublished == 0) return;
    io_uring_buf_ring_advance(state_->buffer_ring(), state_->unpublished);
    state_->unpublished = 0;
}

void Ring::fdatasync(int fd, Operation& op) {
    io_uring_prep_fsync(next_sqe(op), fd, IORING_FSYNC_DATASYNC);
}

void Ring::fsync(int fd, Operation& op) {
    io_uring_prep_fsync(next_sqe(op), fd, 0);
}

void Ring::write(int fd, std::string_view bytes, uint64_t offset, Operation& op) {
    // More than the kernel writes in one call anyway; the caller goes on after a short write.
    constexpr size_t kMaxWrite = size_t{1} << 30;
    const auto length = static_cast<unsigned>(bytes.size() < kMaxWrite ? bytes.size() : kMaxWrite);
    io_uring_prep_write(next_sqe(op), fd, bytes.data(), length, offset);
}

void Ring::timeout_at(int64_t monotonic_us, Operation& op) {
    io_uring_sqe* const sqe = next_sqe(op);
    __kernel_timespec& at = state_->deadlines[static_cast<size_t>(sqe - state_->ring.sq.sqes)];
    at = timespec_of(monotonic_us);
    io_uring_prep_timeout(sqe, &at, 0, IORING_TIMEOUT_ABS);
}

void Ring::bury(std::unique_ptr<Operation> op) {
    if (!op->in_flight) return;
    auto cancelling = std::make_unique<Operation>();
    cancel(*op, *cancelling);
    lay_to_rest(std::move(op));
    lay_to_rest(std::move(cancelling));
}

void Ring::lay_to_rest(std::unique_ptr<Operation> op) {
    op->owner = this;
    op->on_complete = &Ring::on_buried_complete;
    state_->graveyard.push_back(std::move(op));
}

void Ring::on_buried_complete(Operation& self, Completion completion) {
    Ring* const ring = static_cast<Ring*>(self.owner);
    if (ring->has_buffer(completion)) ring->release_buffer(completion);
    if (more(completion)) return;
    std::erase_if(ring->state_->graveyard,
                  [&self](const std::unique_ptr<Operation>& op) { return op.get() == &self; });
}

Status Ring::place_workers(Workers place, int cpu) {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (place == Workers::kOnCpu) {
        CPU_SET(static_cast<size_t>(cpu), &allowed);
    } else {
        TM_CHECK(allow_other_cpus(allowed, cpu));
    }
    if (CPU_COUNT(&allowed) == 0) return {};
    const int error = io_uring_register_iowq_aff(&state_->ring, sizeof allowed, &allowed);
    if (error == -EINVAL) return {};  // a cpuset holds the process on this one
    if (error < 0) return fail(system_error(-error, "Can't move the io workers to another CPU"));
    return {};
}

}  // namespace tidemark::io
