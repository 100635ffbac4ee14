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
// What is due at a known time, give or take, is looked for around it. To sleep first is worth it
// only when it is far, and ends half as long again before it: the timer is late as well, and what
// comes early is slept through.
//
//   due in, usually off by       does, with at most 100
//   130, 10                       looks for 160
//   1000, 10                      sleeps for 850, then looks for 180
//   1000, 200                     sleeps: nobody knows when
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
    // What to do about something that is due in `due_us` (less than 0: it is late) and usually off
    // by `deviation_us`.
    struct Plan {
        int64_t look_us = 0;   // before sleeping
        int64_t sleep_us = 0;  // then plan again; 0: sleep until something happens
    };
    Plan plan(int64_t due_us, int64_t deviation_us) const {
        if (deviation_us > max_us_) return {};
        if (due_us > 2 * max_us_) return {.sleep_us = due_us - max_us_ * 3 / 2};
        const int64_t around_us = std::min(max_us_, kDeviations * deviation_us);
        return {.look_us = std::max<int64_t>(due_us + around_us, 0)};
    }
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
    static constexpr int64_t kDeviations = 3;

    int64_t max_us_;
    int64_t us_ = 0;
};

}  // namespace tidemark::io
