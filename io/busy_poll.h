// How long a loop looks for completions before it goes to sleep.
//
// To be put to sleep and woken again takes tens of microseconds, more in a virtual machine, and
// nearly as much of the processor as looking on. A client that waits for each answer is back before
// that is over. So a wait that was short makes the next look longer, and long ones soon end it:
//
//   waited, with at most 100      looks for, next time
//   30, 30, 30, 30                 10, 20, 40, 40
//   500, 500, ...                  20, 10, 5, ... 0: sleeps at once
//
// Microseconds.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tidemark::io {

class BusyPoll {
public:
    explicit BusyPoll(int64_t max_us) : max_us_(max_us) {}

    // 0: never.
    void set_max(int64_t max_us) {
        max_us_ = max_us;
        us_ = std::min(us_, max_us);
    }
    int64_t us() const { return us_; }
    // A wait is over, whether it was slept through or not.
    void on_wait(int64_t waited_us) {
        if (waited_us > max_us_) {
            us_ /= 2;
        } else if (waited_us > us_) {
            us_ = std::min(max_us_, std::max(kFirstUs, us_ * 2));
        }
    }

private:
    static constexpr int64_t kFirstUs = 10;

    int64_t max_us_;
    int64_t us_ = 0;
};

}  // namespace tidemark::io
