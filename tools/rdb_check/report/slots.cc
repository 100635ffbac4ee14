#include "tools/rdb_check/report/slots.h"

#include <algorithm>

namespace tidemark::rdb_check {

uint64_t SlotLoads::used() const {
    return static_cast<uint64_t>(std::count_if(loads_.begin(), loads_.end(),
                                               [](const SlotLoad& load) { return load.keys > 0; }));
}

std::vector<SlotLoad> SlotLoads::fullest(size_t slots_max) const {
    std::vector<SlotLoad> slots;
    for (uint16_t slot = 0; slot < kSlots; ++slot) {
        if (loads_[slot].keys > 0) slots.push_back({slot, loads_[slot].keys, loads_[slot].bytes});
    }
    std::sort(slots.begin(), slots.end(), [](const SlotLoad& one, const SlotLoad& other) {
        return one.bytes != other.bytes ? one.bytes > other.bytes : one.slot < other.slot;
    });
    if (slots.size() > slots_max) slots.resize(slots_max);
    return slots;
}

std::vector<SlotLoad> SlotLoads::grouped(size_t groups) const {
    std::vector<SlotLoad> sums(groups);
    const size_t width = kSlots / groups;
    for (size_t slot = 0; slot < kSlots; ++slot) {
        SlotLoad& sum = sums[slot / width];
        sum.slot = static_cast<uint16_t>(slot / width * width);
        sum.keys += loads_[slot].keys;
        sum.bytes += loads_[slot].bytes;
    }
    return sums;
}

}  // namespace tidemark::rdb_check
