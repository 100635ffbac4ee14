// A periodic tick on the ring: one absolute timeout, armed again at each expiry. Ticks that a long
// turn of the loop has missed are dropped, not made up for.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "io/operation.h"
#include "io/ring.h"

namespace tidemark::io {

class Timer {
public:
    class Listener {
    public:
        virtual ~Listener() = default;
        virtual void on_tick() = 0;
    };

    // All outlive the timer. `clock` must run as the kernel's CLOCK_MONOTONIC does.
    Timer(Ring& ring, Clock& clock, Listener& listener);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // The first tick comes one period from now. Once.
    void start(int64_t period_us);
    // From the next tick on.
    void set_period(int64_t period_us) { period_us_ = period_us; }

private:
    void on_timeout(Completion completion);
    void arm(int64_t now_us);

    Ring& ring_;
    Clock& clock_;
    Listener& listener_;
    std::unique_ptr<Operation> timeout_;
    int64_t period_us_ = 0;
    int64_t due_us_ = 0;
};

}  // namespace tidemark::io
