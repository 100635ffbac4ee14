#include "engine/access_clock.h"

#include <algorithm>

namespace tidemark::engine {

uint32_t AccessClock::frequency(const Entry& entry) const {
    const uint32_t counter = entry.access() & 0xff;
    if (decay_minutes_ == 0) return counter;
    const uint32_t minutes = (now_minutes_ - (entry.access() >> 8)) & 0xffff;
    return counter - std::min(counter, minutes / decay_minutes_);
}

// The counter rises with probability 1 / ((counter - 5) * log_factor + 1).
void AccessClock::count(const Entry& entry) {
    uint32_t counter = frequency(entry);
    const uint64_t above = counter > kNewCounter ? counter - kNewCounter : 0;
    if (counter < 255 && random_.one_in(above * log_factor_ + 1)) ++counter;
    entry.set_access(now_minutes_ << 8 | counter);
}

}  // namespace tidemark::engine
