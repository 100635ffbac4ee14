#include "tools/dump_diff/key_log.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <thread>

namespace tidemark::rdb_check {

namespace {

constexpr unsigned kPartitionBits = 6;
// Of one pass over a partition: the table has 16 bytes for each, and is at most three quarters
// full.
constexpr uint64_t kPlacesPerPassMax = 512 * 1024;

// Open addressing over one pass of a partition. Hash 0 marks a free slot, and is moved to 1.
class HashTable {
public:
    explicit HashTable(uint64_t places)
        : slots_(std::bit_ceil(std::max<uint64_t>(places + places / 3, 16))),
          shift_(64U - static_cast<unsigned>(std::bit_width(slots_.size() - 1))) {}

    // The place that had this hash first in the walk; its offset becomes the smaller of the two.
    KeyPlace* find_or_insert(KeyPlace place) {
        if (place.hash == 0) place.hash = 1;
        size_t at = place.hash * kSpread >> shift_;
        while (slots_[at].hash != 0) {
            if (slots_[at].hash == place.hash) return &slots_[at];
            at = (at + 1) & (slots_.size() - 1);
        }
        slots_[at] = place;
        return nullptr;
    }

private:
    static constexpr uint64_t kSpread = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio

    std::vector<KeyPlace> slots_;
    unsigned shift_;
};

}  // namespace

uint64_t hash_key(uint64_t db, std::string_view name) {
    return XXH3_64bits_withSeed(name.data(), name.size(), db);
}

KeyLog::KeyLog(uint64_t memory_bytes, std::string spool_folder)
    : chunks_in_memory_max_(memory_bytes / sizeof(Chunk)),
      spool_folder_(std::move(spool_folder)),
      partitions_(kPartitions) {
    static_assert(kPartitions == 1 << kPartitionBits);
}

Status KeyLog::add(const std::vector<KeyPlace>& places) {
    const std::lock_guard lock(mutex_);
    size_ += places.size();
    for (const KeyPlace& place : places) {
        Partition& partition = partitions_[place.hash & (kPartitions - 1)];
        if (!partition.open) partition.open = std::make_unique<Chunk>();
        (*partition.open)[partition.open_size] = place;
        if (++partition.open_size == kChunkPlaces) TM_CHECK(put_away(partition));
    }
    return {};
}

// Afterwards the partition's open chunk is empty.
Status KeyLog::put_away(Partition& partition) {
    partition.open_size = 0;
    if (chunks_in_memory_ < chunks_in_memory_max_) {
        ++chunks_in_memory_;
        partition.in_memory.push_back(std::move(partition.open));
        return {};
    }
    if (!spool_) spool_.emplace(TM_TRY(tools::Spool::create(spool_folder_)));
    partition.on_disk.push_back(spool_->size());
    return spool_->write({reinterpret_cast<const char*>(partition.open.get()), sizeof(Chunk)});
}

template <class Visit>
Status KeyLog::for_each(const Partition& partition, Visit&& visit) const {
    for (const auto& chunk : partition.in_memory) {
        for (const KeyPlace& place : *chunk) visit(place);
    }
    const auto chunk = std::make_unique<Chunk>();
    for (const uint64_t offset : partition.on_disk) {
        TM_TRY(spool_->read_at(reinterpret_cast<char*>(chunk.get()), sizeof(Chunk), offset));
        for (const KeyPlace& place : *chunk) visit(place);
    }
    for (size_t i = 0; i < partition.open_size; ++i) visit((*partition.open)[i]);
    return {};
}

Status KeyLog::look_through(const Partition& partition, const Found& found) const {
    const uint64_t passes =
        std::bit_ceil((partition.size() + kPlacesPerPassMax - 1) / kPlacesPerPassMax);
    for (uint64_t pass = 0; pass < passes; ++pass) {
        // The top bits are used by neither partition nor table.
        const auto is_in_pass = [&](const KeyPlace& place) {
            return (place.hash >> 32 & (passes - 1)) == pass;
        };
        uint64_t places = 0;
        if (passes == 1) {
            places = partition.size();
        } else {
            TM_CHECK(for_each(partition, [&](KeyPlace place) { places += is_in_pass(place); }));
        }
        HashTable table(places);
        // The smallest offset is known at the end only, so pairs are kept until then.
        std::vector<KeyPlace> again;
        TM_CHECK(for_each(partition, [&](KeyPlace place) {
            if (!is_in_pass(place)) return;
            KeyPlace* first = table.find_or_insert(place);
            if (first == nullptr) return;
            if (place.offset < first->offset) std::swap(place.offset, first->offset);
            again.push_back(place);
        }));
        for (const KeyPlace& later : again) {
            TM_CHECK(found(table.find_or_insert(later)->offset, later.offset));
        }
    }
    return {};
}

Status KeyLog::find_equal(const Found& found, unsigned threads) {
    std::mutex mutex;
    Status result;
    std::atomic<size_t> next{0};
    const Found found_alone = [&](uint64_t first, uint64_t later) {
        const std::lock_guard lock(mutex);
        return found(first, later);
    };
    const auto work = [&] {
        for (size_t i = next++; i < partitions_.size(); i = next++) {
            Status done = look_through(partitions_[i], found_alone);
            partitions_[i] = {};
            if (done) continue;
            const std::lock_guard lock(mutex);
            result = std::move(done);
            next = partitions_.size();
        }
    };
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
    for (std::thread& helper : helpers) helper.join();
    return result;
}

}  // namespace tidemark::rdb_check
