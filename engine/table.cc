#include "engine/table.h"

#include "base/assert.h"
#include "engine/entry_maker.h"
#include "engine/memory.h"

namespace tidemark::engine {

namespace {

uint64_t reverse_bits(uint64_t v) {
    v = (v >> 1 & 0x5555'5555'5555'5555) | (v & 0x5555'5555'5555'5555) << 1;
    v = (v >> 2 & 0x3333'3333'3333'3333) | (v & 0x3333'3333'3333'3333) << 2;
    v = (v >> 4 & 0x0f0f'0f0f'0f0f'0f0f) | (v & 0x0f0f'0f0f'0f0f'0f0f) << 4;
    return __builtin_bswap64(v);
}

}  // namespace

Table::~Table() {
    while (dismantle(kSegmentBuckets, [](Entry* entry) { EntryMaker::destroy(entry); })) {
    }
    for (Bucket* segment : segments_) release(segment);
}

Table::Place Table::locate(std::string_view name, uint64_t hash) const {
    if (segments_.empty()) return {};
    const uint8_t tag = tag_of(hash);
    for (Bucket* at = &bucket(index_of(hash)); at != nullptr; at = at->next()) {
        for (unsigned found = at->matches(tag); found != 0; found &= found - 1) {
            const auto slot = static_cast<unsigned>(__builtin_ctz(found));
            if (at->entry(slot)->key() == name) return {at, slot};
        }
    }
    return {};
}

void Table::prefetch_entry(uint64_t hash) const {
    if (segments_.empty()) return;
    const Bucket& head = bucket(index_of(hash));
    const unsigned found = head.matches(tag_of(hash));
    if (found != 0) {
        const auto* entry =
            reinterpret_cast<const char*>(head.entry(static_cast<unsigned>(__builtin_ctz(found))));
        // Two lines: the value of a 64-byte one begins on the first and ends on the second.
        __builtin_prefetch(entry);
        __builtin_prefetch(entry + sizeof(Bucket));
    } else if (head.is_chained()) {
        __builtin_prefetch(head.next());
    }
}

Bucket* Table::allocate_chained() {
    auto* fresh = static_cast<Bucket*>(allocate_lines(sizeof(Bucket)));
    fresh->clear();
    ++chained_;
    return fresh;
}

void Table::free_chained(Bucket* bucket) {
    release(bucket);
    --chained_;
}

void Table::put(Bucket& head, uint64_t word, uint8_t tag) {
    Bucket* at = &head;
    while (at->is_chained()) at = at->next();
    if (at->is_full()) {
        Bucket* fresh = allocate_chained();
        fresh->put(0, at->slots[Bucket::kLink], at->tags[Bucket::kLink]);
        at->set_next(fresh);
        at = fresh;
    }
    at->put(at->free_slot(), word, tag);
}

// Makes sure that the bucket of this number has memory, and clears it.
void Table::add_bucket_space(size_t index) {
    if (index >> kSegmentShift == segments_.size()) {
        segments_.push_back(static_cast<Bucket*>(allocate_lines(kSegmentBuckets * sizeof(Bucket))));
    }
    bucket(index).clear();
}

void Table::insert(Entry* entry, uint64_t hash, uint64_t mark) {
    if (segments_.empty()) add_bucket_space(0);
    if (2 * size_ >= kGrowLoadHalves * buckets()) phase_ = Phase::kGrowing;
    if (phase_ == Phase::kGrowing) split_one();
    const size_t index = index_of(hash);
    const uint64_t word = reinterpret_cast<uintptr_t>(entry) | mark | window(hash, level_of(index));
    put(bucket(index), word, tag_of(hash));
    ++size_;
}

void Table::replace(Place place, Entry* entry, uint64_t mark) {
    uint64_t& slot = place.bucket->slots[place.slot];
    slot = (slot & ~(kAddressMask | ExpiryMark::kMask)) | reinterpret_cast<uintptr_t>(entry) | mark;
}

Entry* Table::remove(Place place, uint64_t hash) {
    Entry* entry = place.entry();
    --size_;
    // Fill the hole from the end of the chain (invariant 4).
    Bucket* before = nullptr;
    Bucket* last = &bucket(index_of(hash));
    while (last->is_chained()) {
        before = last;
        last = last->next();
    }
    if (last != place.bucket) {
        const auto donor = static_cast<unsigned>(__builtin_ctz(last->entries()));
        place.bucket->put(place.slot, last->slots[donor], last->tags[donor]);
        last->drop(donor);
    } else {
        last->drop(place.slot);
    }
    if (before != nullptr && last->entries() == 0) {
        before->used = static_cast<uint8_t>(before->used & ~Bucket::kChained);
        free_chained(last);
    }
    return entry;
}

void Table::split_one() {
    const size_t from = split_;
    const size_t to = half_ + split_;
    add_bucket_space(to);
    const uint64_t divides = uint64_t{1} << (kWindowShift + level_ % kWindowBits);
    const bool window_moves = (level_ + 1) % kWindowBits == 0;
    const Bucket old = bucket(from);
    Bucket& low = bucket(from);
    Bucket& high = bucket(to);
    low.clear();
    for (const Bucket* at = &old; at != nullptr;) {
        if (window_moves) {
            for (unsigned left = at->entries(); left != 0; left &= left - 1) {
                __builtin_prefetch(at->entry(static_cast<unsigned>(__builtin_ctz(left))));
            }
        }
        for (unsigned left = at->entries(); left != 0; left &= left - 1) {
            const auto slot = static_cast<unsigned>(__builtin_ctz(left));
            uint64_t word = at->slots[slot];
            Bucket& head = (word & divides) != 0 ? high : low;
            if (window_moves) {
                const uint64_t hash = seed_->hash(at->entry(slot)->key());
                word = (word << 8 >> 8) | window(hash, level_ + 1);
            }
            put(head, word, at->tags[slot]);
        }
        Bucket* done = const_cast<Bucket*>(at);
        at = at->next();
        if (done != &old) free_chained(done);
    }
    if (++split_ == half_) {
        half_ *= 2;
        ++level_;
        split_ = 0;
        phase_ = Phase::kSteady;
    }
}

bool Table::wants_shrink() {
    const size_t limit = phase_ == Phase::kShrinking ? kShrunkLoadHalves : kShrinkLoadHalves;
    const bool wanted = buckets() > 1 && 2 * size_ < limit * buckets();
    if (wanted) {
        phase_ = Phase::kShrinking;
    } else if (phase_ == Phase::kShrinking) {
        phase_ = Phase::kSteady;
    }
    return wanted;
}

void Table::merge_one() {
    TM_ASSERT(buckets() > 1);
    if (split_ == 0) {
        half_ /= 2;
        --level_;
        split_ = half_;
    }
    const size_t into = split_ - 1;
    const size_t from = half_ + into;
    // Entries of `into` change their level as well, from level_ + 1 to level_.
    const bool window_moves = (level_ + 1) % kWindowBits == 0;
    if (window_moves) {
        visit_chain(into, [&](const Place& place) {
            uint64_t& word = place.bucket->slots[place.slot];
            word = (word << 8 >> 8) | window(seed_->hash(place.entry()->key()), level_);
        });
    }
    visit_chain(from, [&](const Place& place) {
        uint64_t word = place.bucket->slots[place.slot];
        if (window_moves) {
            word = (word << 8 >> 8) | window(seed_->hash(place.entry()->key()), level_);
        }
        put(bucket(into), word, place.bucket->tags[place.slot]);
    });
    drop_bucket(from);
}

// The last bucket goes, its entries having been moved or freed.
void Table::drop_bucket(size_t index) {
    for (Bucket* at = bucket(index).next(); at != nullptr;) {
        Bucket* next = at->next();
        free_chained(at);
        at = next;
    }
    bucket(index).clear();
    if (index != 0 && index % kSegmentBuckets == 0) {
        release(segments_.back());
        segments_.pop_back();
    }
    if (index == 0) return;
    if (split_ == 0) {
        half_ /= 2;
        --level_;
        split_ = half_;
    }
    --split_;
}

uint64_t Table::next_cursor(uint64_t cursor) const {
    const unsigned level = level_of(index_of(cursor));
    cursor |= ~uint64_t{0} << level;
    return reverse_bits(reverse_bits(cursor) + 1);
}

}  // namespace tidemark::engine
