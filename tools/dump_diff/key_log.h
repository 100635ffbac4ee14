// Which names are in a dump twice, in bounded memory and exactly.
//
// Each name leaves 16 bytes: a 64-bit hash of db and name, and where its record is. They are dealt
// into partitions by the hash's low bits, in chunks of 4,096; past a budget the chunks go to a file
// without a name. At the end a partition at a time is looked through. Equal hashes are candidates
// only (among 1e8 names one pair in 3,700 files is one by accident): who asks compares the names.
//
//   add (any thread, in batches) -> partition's open chunk -> memory, then file
//   find_equal: partition -> table of its hashes -> (first offset, later offset)
//
// 100M names: 1.6 GB on disk. A partition that is larger than half a million is looked through in
// several passes. Few partitions, because the places where 64 of them grow stay in the cache.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/common/spool.h"

namespace tidemark::rdb_check {

struct KeyPlace {
    uint64_t hash = 0;
    uint64_t offset = 0;
};

// Added to the offset of a damaged record, so that no other of its name is called the later one.
inline constexpr uint64_t kDamagedPlace = uint64_t{1} << 63;

uint64_t hash_key(uint64_t db, std::string_view name);

class KeyLog {
public:
    KeyLog(uint64_t memory_bytes, std::string spool_folder);

    // Thread-safe; some hundred at a time are best.
    Status add(const std::vector<KeyPlace>& places);

    // Calls found(first, later) for every place whose hash was seen at a smaller offset, where
    // `first` is the smallest. In no particular order, from any thread, one call at a time. Once,
    // after everything was added. Takes 16 MiB for each thread.
    using Found = std::function<Status(uint64_t, uint64_t)>;
    Status find_equal(const Found& found, unsigned threads = 1);

    uint64_t size() const { return size_; }
    uint64_t bytes_on_disk() const { return spool_ ? spool_->size() : 0; }

private:
    static constexpr size_t kPartitions = 64;  // a power of two
    static constexpr size_t kChunkPlaces = 4096;
    using Chunk = std::array<KeyPlace, kChunkPlaces>;

    struct Partition {
        std::unique_ptr<Chunk> open;
        size_t open_size = 0;
        std::vector<std::unique_ptr<Chunk>> in_memory;
        std::vector<uint64_t> on_disk;  // offsets in the spool
        uint64_t size() const {
            return (in_memory.size() + on_disk.size()) * kChunkPlaces + open_size;
        }
    };

    Status put_away(Partition& partition);
    template <class Visit>
    Status for_each(const Partition& partition, Visit&& visit) const;
    Status look_through(const Partition& partition, const Found& found) const;

    uint64_t chunks_in_memory_max_;
    std::string spool_folder_;
    std::mutex mutex_;
    std::vector<Partition> partitions_;
    uint64_t chunks_in_memory_ = 0;
    uint64_t size_ = 0;
    std::optional<tools::Spool> spool_;
};

// Collects places of one thread and hands them on in batches.
class KeyLogBatch {
public:
    explicit KeyLogBatch(KeyLog& log) : log_(log) {}

    Status add(uint64_t db, std::string_view name, uint64_t offset) {
        places_.push_back({hash_key(db, name), offset});
        return places_.size() < kBatchPlaces ? Status{} : flush();
    }
    Status flush() {
        Status status = log_.add(places_);
        places_.clear();
        return status;
    }

private:
    static constexpr size_t kBatchPlaces = 4096;

    KeyLog& log_;
    std::vector<KeyPlace> places_;
};

}  // namespace tidemark::rdb_check
