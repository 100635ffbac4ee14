// Whether all members of a set, fields of a hash and so on are different: exact, by hashes of 128
// bits (two different texts share one with a probability of 2^-128).
//
// In RAM up to a bound. A tool that must stay small whatever the file gives a UniqueSpill, which
// takes what is beyond (sorted files on disk, say); without one the table grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::rdb {

struct Hash128 {
    uint64_t low = 0;
    uint64_t high = 0;
    auto operator<=>(const Hash128&) const = default;
};

// XXH3's; `seed` chains the pieces of a long text.
Hash128 hash128(std::string_view bytes, Hash128 seed = {});

class UniqueSpill {
public:
    virtual ~UniqueSpill() = default;
    // A new collection; what is left of the last one is forgotten.
    virtual Status begin() = 0;
    virtual Status add(const Hash128& hash) = 0;
    // All have come. false: at least two are the same.
    virtual Result<bool> all_different() = 0;
};

// 16 MiB of RAM, at most three quarters of it used.
inline constexpr size_t kUniqueSlotsMax = size_t{1} << 20;

class Unique {
public:
    explicit Unique(UniqueSpill* spill = nullptr, size_t slots_max = kUniqueSlotsMax)
        : spill_(spill), slots_max_(slots_max) {}

    // A new collection.
    void begin();
    // false: it has come before. Once spilled, the answer comes from finish().
    Result<bool> add(const Hash128& hash) {
        if (used_ >= limit_) TM_CHECK(make_room());
        if (is_spilled_) {
            TM_CHECK(spill_->add(hash));
            return true;
        }
        return insert(hash);
    }
    bool contains(const Hash128& hash) const;  // unless spilled
    bool is_spilled() const { return is_spilled_; }
    // false: at least two of those that were spilled are the same.
    Result<bool> finish();

private:
    bool insert(Hash128 hash);
    Status make_room();

    UniqueSpill* spill_;
    size_t slots_max_;
    std::vector<Hash128> slots_;  // open addressing; all zero: empty
    size_t mask_ = 0;             // the part of slots_ in use, minus one
    size_t used_ = 0;
    size_t limit_ = 0;  // of used_, before it has to grow
    bool is_spilled_ = false;
};

}  // namespace tidemark::rdb
