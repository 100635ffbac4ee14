// Time stamps that cost a few nanoseconds: the processor's own counter, which runs at a constant
// rate on every machine of the last fifteen years. How fast it runs is measured against the
// monotonic clock while the server runs.
#pragma once

#include <chrono>
#include <cstdint>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace tidemark::server {

inline uint64_t read_ticks() {
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// Ticks to nanoseconds by one multiplication. Until it has seen a millisecond it takes one tick for
// one nanosecond.
class TickRate {
public:
    void start(uint64_t ticks, int64_t monotonic_us) {
        start_ticks_ = ticks;
        start_us_ = monotonic_us;
    }
    // The longer ago the start, the better.
    void measure(uint64_t ticks, int64_t monotonic_us) {
        int64_t elapsed_us = monotonic_us - start_us_;
        if (elapsed_us < 1000 || ticks <= start_ticks_) return;
        double ns_per_tick =
            static_cast<double>(elapsed_us) * 1000.0 / static_cast<double>(ticks - start_ticks_);
        scaled_ = static_cast<uint64_t>(ns_per_tick * (1U << kShift));
    }
    // For spans of less than an hour or so.
    uint64_t ns(uint64_t ticks) const { return (ticks * scaled_) >> kShift; }

private:
    static constexpr unsigned kShift = 20;
    uint64_t scaled_ = 1U << kShift;
    uint64_t start_ticks_ = 0;
    int64_t start_us_ = 0;
};

}  // namespace tidemark::server
