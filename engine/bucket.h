// One cache line of the table: up to seven entries, a byte of each one's hash, and which slots are
// in use.
//
//   slot 0 | slot 1 | ... | slot 6      tag 0 | tag 1 | ... | tag 6 | used
//     8 bytes each                         1 byte each                1 byte
//
// When an eighth entry comes, the bucket is chained: slot 6 then holds the next bucket's address,
// and bit 7 of `used` says so.
//
// A slot is a pointer with 20 bits beside it. User addresses end below 2^48 and blocks are aligned
// to 16 bytes, so bits 63-48 and 3-0 are free:
//
//   63    56 55       48 47            4 3        1      0
//   [ hash ] [ look at ] [  address    ] [ look at ] [expires]
//
// - hash: eight bits of the entry's hash, those that this and the next doublings split by, so that
//   a split moves entries without reading them (see Table).
// - expires, look at: see ExpiryMark.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#else
#include <cstring>
#endif

#include "engine/entry.h"

namespace tidemark::engine {

// When active expiry should look at an entry again, in units of 1,024 ms, modulo 2,048 (35
// minutes): not later than its time, and never more than a quarter of the circle ahead, so that
// "has come" and "is to come" are told apart. An entry with a far expiry is looked at each
// quarter and marked anew; all others are passed over without reading them.
class ExpiryMark {
public:
    static constexpr uint64_t kExpires = 1;
    static constexpr int64_t kUnitMs = 1024;
    static constexpr int64_t kCircle = 2048;
    static constexpr int64_t kAheadMax = kCircle / 4;
    // A round that starts later than this after the one before cannot trust the marks.
    static constexpr int64_t kTrustMs = kAheadMax * kUnitMs;

    static uint64_t none() { return 0; }
    static uint64_t at(int64_t expire_at_ms, int64_t now_ms) {
        const int64_t now = now_ms / kUnitMs;
        const int64_t wanted = expire_at_ms / kUnitMs;
        const int64_t unit = wanted <= now               ? now
                             : wanted - now <= kAheadMax ? wanted
                                                         : now + kAheadMax;
        const uint64_t bits = static_cast<uint64_t>(unit) % kCircle;
        return kExpires | (bits & 7) << 1 | (bits >> 3) << 48;
    }
    // Whether the slot's entry is to be looked at; false for one without an expiry.
    static bool is_due(uint64_t slot, int64_t now_ms) {
        if ((slot & kExpires) == 0) return false;
        const uint64_t bits = (slot >> 1 & 7) | (slot >> 48 & 0xff) << 3;
        const uint64_t now = static_cast<uint64_t>(now_ms / kUnitMs);
        return (now - bits) % kCircle < kCircle / 2;
    }

    static constexpr uint64_t kMask = 0x00ff'0000'0000'000f;
};

inline constexpr uint64_t kAddressMask = 0x0000'ffff'ffff'fff0;
inline constexpr int kWindowShift = 56;

struct alignas(64) Bucket {
    static constexpr unsigned kSlots = 7;
    static constexpr uint8_t kAllUsed = 0x7f;
    static constexpr uint8_t kChained = 0x80;
    static constexpr unsigned kLink = kSlots - 1;

    uint64_t slots[kSlots];
    uint8_t tags[kSlots];
    uint8_t used;

    void clear() { used = 0; }
    bool is_chained() const { return (used & kChained) != 0; }
    // Bit per slot that holds an entry.
    unsigned entries() const { return used & kAllUsed; }
    bool is_full() const { return used == kAllUsed; }  // of a bucket that is not chained

    static Entry* entry_of(uint64_t slot) {
        return reinterpret_cast<Entry*>(static_cast<uintptr_t>(slot & kAddressMask));
    }
    Entry* entry(unsigned slot) const { return entry_of(slots[slot]); }
    Bucket* next() const {
        return is_chained() ? reinterpret_cast<Bucket*>(static_cast<uintptr_t>(slots[kLink]))
                            : nullptr;
    }
    void set_next(Bucket* bucket) {
        slots[kLink] = reinterpret_cast<uintptr_t>(bucket);
        used = static_cast<uint8_t>((used | kChained) & ~(1U << kLink));
    }
    void put(unsigned slot, uint64_t word, uint8_t tag) {
        slots[slot] = word;
        tags[slot] = tag;
        used = static_cast<uint8_t>(used | 1U << slot);
    }
    void drop(unsigned slot) { used = static_cast<uint8_t>(used & ~(1U << slot)); }
    // Not full, not chained.
    unsigned free_slot() const {
        return static_cast<unsigned>(__builtin_ctz(~static_cast<unsigned>(used)));
    }

    // Bit per entry whose tag this is.
    unsigned matches(uint8_t tag) const {
#if defined(__SSE2__)
        const __m128i line = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(tags));
        const __m128i same = _mm_cmpeq_epi8(line, _mm_set1_epi8(static_cast<char>(tag)));
        return static_cast<unsigned>(_mm_movemask_epi8(same)) & entries();
#else
        unsigned found = 0;
        for (unsigned i = 0; i < kSlots; ++i) found |= static_cast<unsigned>(tags[i] == tag) << i;
        return found & entries();
#endif
    }
};
static_assert(sizeof(Bucket) == 64);

}  // namespace tidemark::engine
