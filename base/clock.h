// Time, passed in by constructor so that tests can turn the hands. The loop reads it once a turn
// and hands the values down; nothing below the loop asks the kernel.
#pragma once

#include <cstdint>

namespace tidemark {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;

class Clock {
public:
    virtual ~Clock() = default;
    virtual int64_t unix_us() = 0;       // wall clock, microseconds since 1970
    virtual int64_t monotonic_us() = 0;  // never goes back; for durations
    // What the calling thread has computed so far. A real system call, unlike the two above. A
    // clock whose hands a test turns knows of no work.
    virtual int64_t cpu_us() { return 0; }
};

class SystemClock final : public Clock {
public:
    int64_t unix_us() override;
    int64_t monotonic_us() override;
    int64_t cpu_us() override;
};

// A clock that stands still until it is told otherwise.
class ManualClock final : public Clock {
public:
    explicit ManualClock(int64_t start_unix_us = 1'700'000'000'000'000)
        : unix_us_(start_unix_us), monotonic_us_(1'000'000) {}

    int64_t unix_us() override { return unix_us_; }
    int64_t monotonic_us() override { return monotonic_us_; }
    void advance_us(int64_t us) {
        unix_us_ += us;
        monotonic_us_ += us;
    }

private:
    int64_t unix_us_;
    int64_t monotonic_us_;
};

}  // namespace tidemark
