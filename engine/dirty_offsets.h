// For each key, roughly, the log offset of its last write: a fixed table indexed by key hash. A
// read depends on the last write of the keys it touched; two keys that share a slot only wait for
// each other, and nothing is ever cleaned up because an old offset is a durable one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace tidemark::engine {

class DirtyOffsets {
public:
    // 512 KiB: a read of a settled key meets a write in flight once in slots / writes in flight.
    static constexpr size_t kSlots = 65'536;

    void mark(uint64_t hash, uint64_t offset) { slots_[hash % kSlots] = offset; }
    void mark_all(uint64_t offset) { floor_ = offset; }
    void prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash % kSlots], 1); }
    uint64_t last_write(uint64_t hash) const { return std::max(slots_[hash % kSlots], floor_); }

private:
    std::array<uint64_t, kSlots> slots_{};
    uint64_t floor_ = 0;  // what is noted for all keys at once
};

}  // namespace tidemark::engine
