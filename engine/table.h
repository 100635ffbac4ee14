// The hash table of a database: linear hashing over cache-line buckets.
//
// There are half_ + split_ buckets, half_ = 2^level. A hash belongs to the bucket that its low
// `level` bits name, or, when that one is split already (below split_), the one that its low
// `level + 1` bits name. Growing splits one bucket, shrinking merges one; nothing else ever moves,
// so no operation takes longer because the table is large.
//
// When the load passes kGrowLoad, every insert splits one bucket until the doubling is complete:
// most of the time the table is uniform, and when it is done the load is not yet halved (inserts
// went on), which keeps the worst case of bytes a key down.
//
// Invariants
// 1. An entry is in the chain of the bucket that its hash names.
// 2. Its slot holds window(hash, level of that bucket): eight hash bits starting at a multiple of
//    eight, among them the one that the next split of this bucket divides by. So entries are read
//    only in every eighth doubling, when the window moves on.
// 3. Its tag is the top byte of the hash, which no window reaches.
// 4. Of a chain only the last bucket has free slots.
//
// SCAN: the cursor is a bucket number that counts up from its highest bit, as Redis's. Reversed,
// it is a position in the ordered space of reversed hashes, and a bucket with `level` bits covers
// one aligned range of that space. A step takes the whole bucket at the cursor and moves to the end
// of its range, so whatever was before the cursor has been seen, however ranges were split and
// merged meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/bucket.h"
#include "engine/hash_seed.h"

namespace tidemark::engine {

class Table {
public:
    // Where an entry is. Valid until the table changes.
    struct Place {
        Bucket* bucket = nullptr;
        unsigned slot = 0;

        explicit operator bool() const { return bucket != nullptr; }
        Entry* entry() const { return bucket->entry(slot); }
    };

    // The seed must outlive the table; it is asked for the hash where the window moves.
    explicit Table(const HashSeed& seed) : seed_(&seed) {}
    ~Table();  // frees the entries too
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    size_t size() const { return size_; }
    size_t buckets() const { return half_ + split_; }
    // Buckets in use, chained ones included. Of an empty table too: one.
    size_t bucket_bytes() const { return (buckets() + chained_) * sizeof(Bucket); }

    Place locate(std::string_view name, uint64_t hash) const;
    Entry* find(std::string_view name, uint64_t hash) const {
        const Place place = locate(name, hash);
        return place ? place.entry() : nullptr;
    }
    void prefetch_bucket(uint64_t hash) const {
        if (!segments_.empty()) __builtin_prefetch(&bucket(index_of(hash)));
    }
    // The first lines of the entry whose tag matches. Reads the bucket.
    void prefetch_entry(uint64_t hash) const;

    // No entry of that name may be there. Takes ownership.
    void insert(Entry* entry, uint64_t hash, uint64_t mark);
    // Another entry of the same name, or the same one, with this mark. The old one is the caller's.
    void replace(Place place, Entry* entry, uint64_t mark);
    // Takes it out; it is the caller's.
    Entry* remove(Place place, uint64_t hash);

    // Calls visit(const Place&) for each entry of the bucket at the cursor; the visit must not
    // change the table. Returns the next cursor, 0 at the end.
    template <class Visit>
    uint64_t scan_step(uint64_t cursor, Visit&& visit) const {
        if (segments_.empty()) return 0;
        visit_chain(index_of(cursor), visit);
        return next_cursor(cursor);
    }
    // The same for the bucket of this number, below buckets().
    template <class Visit>
    void visit_chain(size_t index, Visit&& visit) const;

    // Whether there is a merge to do. A table that has lost most of its entries shrinks.
    bool wants_shrink();
    // One bucket less.
    void merge_one();
    // Frees the entries of the last `count` buckets, and those buckets; calls freed(entry) for each
    // entry before. For a table that nobody uses any more. False when nothing is left.
    template <class Freed>
    bool dismantle(size_t count, Freed&& freed);

    // Buckets of one allocation: 128 KiB, the most that is ever allocated at once.
    static constexpr size_t kSegmentBuckets = 2048;

private:
    static constexpr int kSegmentShift = 11;
    static constexpr unsigned kWindowBits = 8;
    // Entries a bucket, in halves. At 6.5 of 7 the table takes 10 to 18 bytes a key; a third of the
    // buckets are then chained, for as long as the doubling takes. 7 saves one byte at the worst
    // size, and lookups measured with 1M keys cost a third more, because the doubling comes later.
    static constexpr size_t kGrowLoadHalves = 13;
    static constexpr size_t kShrinkLoadHalves = 3;
    static constexpr size_t kShrunkLoadHalves = 6;

    size_t index_of(uint64_t hash) const {
        const size_t low = hash & (half_ - 1);
        const size_t high = hash & (2 * half_ - 1);
        return low < split_ ? high : low;
    }
    Bucket& bucket(size_t index) const {
        return segments_[index >> kSegmentShift][index & (kSegmentBuckets - 1)];
    }
    // How many bits of the hash name this bucket.
    unsigned level_of(size_t index) const {
        return index < split_ || index >= half_ ? level_ + 1 : level_;
    }
    static uint64_t window(uint64_t hash, unsigned level) {
        const unsigned shift = level / kWindowBits * kWindowBits;
        return (hash >> shift & 0xff) << kWindowShift;
    }
    static uint8_t tag_of(uint64_t hash) { return static_cast<uint8_t>(hash >> 56); }
    uint64_t next_cursor(uint64_t cursor) const;

    void put(Bucket& head, uint64_t word, uint8_t tag);
    void split_one();
    void add_bucket_space(size_t index);
    Bucket* allocate_chained();
    void free_chained(Bucket* bucket);
    void drop_bucket(size_t index);

    const HashSeed* seed_;
    std::vector<Bucket*> segments_;
    size_t half_ = 1;
    size_t split_ = 0;
    size_t size_ = 0;
    size_t chained_ = 0;
    unsigned level_ = 0;
    enum class Phase : uint8_t { kSteady, kGrowing, kShrinking };
    Phase phase_ = Phase::kSteady;
};

template <class Visit>
void Table::visit_chain(size_t index, Visit&& visit) const {
    for (Bucket* at = &bucket(index); at != nullptr; at = at->next()) {
        for (unsigned left = at->entries(); left != 0; left &= left - 1) {
            visit(Place{at, static_cast<unsigned>(__builtin_ctz(left))});
        }
    }
}

template <class Freed>
bool Table::dismantle(size_t count, Freed&& freed) {
    if (segments_.empty()) return false;
    for (; count != 0; --count) {
        const size_t last = buckets() - 1;
        visit_chain(last, [&](const Place& place) { freed(place.entry()); });
        drop_bucket(last);
        if (last == 0) return false;
    }
    return true;
}

}  // namespace tidemark::engine
