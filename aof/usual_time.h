// How long something usually takes and how far off that it usually is: moving averages over some
// eight times, as TCP keeps them of its round trips. Microseconds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace tidemark::aof {

class UsualTime {
public:
    void add(int64_t took_us) {
        if (us_ == 0) us_ = took_us;
        const int64_t limit_us = std::max(kOffMinUs, deviation_us_ * kOffDeviations);
        const int64_t off_us = std::clamp(took_us - us_, -limit_us, limit_us);
        us_ += off_us / kSmoothing;
        deviation_us_ += (std::abs(off_us) - deviation_us_) / kSmoothing;
    }
    int64_t us() const { return us_; }
    int64_t deviation_us() const { return deviation_us_; }

private:
    static constexpr int64_t kSmoothing = 8;
    // What is further off counts as so far: one that took ten times as long says little about the
    // next. Several that do widen this quickly.
    static constexpr int64_t kOffDeviations = 4;
    static constexpr int64_t kOffMinUs = 20;

    int64_t us_ = 0;
    int64_t deviation_us_ = 0;
};

}  // namespace tidemark::aof
