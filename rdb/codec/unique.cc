#include "rdb/codec/unique.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace tidemark::rdb {

namespace {

// Most collections are small; clearing this many costs next to nothing.
constexpr size_t kFirstSlots = 32;

size_t limit_of(size_t slots) {
    return slots / 4 * 3;
}

// An empty slot is all zero.
Hash128 never_zero(Hash128 hash) {
    if (hash == Hash128{}) hash.low = 1;
    return hash;
}

}  // namespace

Hash128 hash128(std::string_view bytes, Hash128 seed) {
    const XXH128_hash_t hash =
        XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed.low ^ seed.high);
    return {hash.low64, hash.high64};
}

void Unique::begin() {
    if (slots_.empty()) slots_.resize(kFirstSlots);
    mask_ = kFirstSlots - 1;
    std::fill_n(slots_.begin(), kFirstSlots, Hash128{});
    used_ = 0;
    limit_ = limit_of(kFirstSlots);
    is_spilled_ = false;
}

bool Unique::insert(Hash128 hash) {
    hash = never_zero(hash);
    for (size_t at = hash.low & mask_;; at = (at + 1) & mask_) {
        if (slots_[at] == Hash128{}) {
            slots_[at] = hash;
            ++used_;
            return true;
        }
        if (slots_[at] == hash) return false;
    }
}

bool Unique::contains(const Hash128& hash) const {
    const Hash128 wanted = never_zero(hash);
    for (size_t at = wanted.low & mask_; slots_[at] != Hash128{}; at = (at + 1) & mask_) {
        if (slots_[at] == wanted) return true;
    }
    return false;
}

Status Unique::make_room() {
    if (is_spilled_) return {};
    const size_t slots = mask_ + 1;
    if (spill_ != nullptr && slots >= slots_max_) {
        is_spilled_ = true;
        TM_CHECK(spill_->begin());
        for (size_t i = 0; i < slots; ++i) {
            if (slots_[i] != Hash128{}) TM_CHECK(spill_->add(slots_[i]));
        }
        return {};
    }
    const std::vector<Hash128> old(slots_.begin(),
                                   slots_.begin() + static_cast<std::ptrdiff_t>(slots));
    const size_t wider = slots * 4;
    slots_.assign(std::max(slots_.size(), wider), Hash128{});
    mask_ = wider - 1;
    limit_ = limit_of(wider);
    used_ = 0;
    for (const Hash128& hash : old) {
        if (hash != Hash128{}) insert(hash);
    }
    return {};
}

Result<bool> Unique::finish() {
    if (!is_spilled_) return true;
    return spill_->all_different();
}

}  // namespace tidemark::rdb
