// How the keys spread over a cluster's 16,384 slots.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/rdb_check/key_slot.h"

namespace tidemark::rdb_check {

// Neighbours in a picture of all slots: so many groups of equal width.
inline constexpr size_t kSlotGroups = 64;

struct SlotLoad {
    uint16_t slot = 0;
    uint64_t keys = 0;
    uint64_t bytes = 0;
};

class SlotLoads {
public:
    SlotLoads() : loads_(kSlots) {}

    void add(uint16_t slot, uint64_t bytes) {
        ++loads_[slot].keys;
        loads_[slot].bytes += bytes;
    }
    // Slots that have keys.
    uint64_t used() const;
    // Those with the most bytes, the most first.
    std::vector<SlotLoad> fullest(size_t slots_max) const;
    // Neighbours added up into `groups` of equal width (a power of two); `slot` is the first one's.
    std::vector<SlotLoad> grouped(size_t groups) const;

private:
    std::vector<SlotLoad> loads_;  // by slot; their `slot` is not set
};

}  // namespace tidemark::rdb_check
