// How long something usually takes and how far off that it usually is: moving averages over some
// eight times, as TCP keeps them of its round trips. Microseconds.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace tidemark::aof {

class UsualTime {
public:
    void add(int64_t took_us) {
        if (us_ == 0) us_ = took_us;
        const int64_t off_us = took_us - us_;
        us_ += off_us / kSmoothing;
        deviation_us_ += (std::abs(off_us) - deviation_us_) / kSmoothing;
    }
    int64_t us() const { return us_; }
    int64_t deviation_us() const { return deviation_us_; }

private:
    static constexpr int64_t kSmoothing = 8;

    int64_t us_ = 0;
    int64_t deviation_us_ = 0;
};

}  // namespace tidemark::aof
