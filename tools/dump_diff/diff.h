// What differs between two dumps, whatever their order, encodings and versions.
//
//   1. Each side's keys become records of 56 bytes (digests of name and value, expiry, place), put
//      into 256 partitions by name: on disk when they are many.
//   2. A partition of both sides fits memory: sorted and walked side by side.
//   3. The differences are put into partitions by their place in the files, so that they can be
//      told in the order of the files.
//
// Libraries of functions are compared too; they are few and stay in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tools/dump_diff/digest.h"
#include "tools/dump_diff/open_keys.h"
#include "tools/dump_diff/partitioned_spill.h"

namespace tidemark::rdb_check {

enum class Change : uint8_t {
    kRemoved,
    kAdded,
    kChanged,
    kTtl,
    kOpen,  // it may be the same, or differ
};

// One key on one side.
struct KeyMark {
    Digest key;
    Digest value;
    int64_t expire_at_ms;  // kNever
    uint64_t offset;       // of its type byte
    uint64_t db;
};
inline constexpr int64_t kNever = INT64_MIN;

struct Difference {
    uint64_t first_offset;  // of the type byte in the first file; where it was added, 0
    uint64_t second_offset;
    uint64_t db;
    int64_t first_expire_at_ms;
    int64_t second_expire_at_ms;
    Change change;
};

struct DiffCounts {
    uint64_t removed = 0;
    uint64_t added = 0;
    uint64_t changed = 0;
    uint64_t ttl = 0;
    uint64_t same = 0;
    uint64_t open = 0;     // of which nothing can be said
    uint64_t nowhere = 0;  // the same, and neither side has them
    uint64_t differing() const { return removed + added + changed + ttl; }
};

// Takes one file's contents.
class DiffSide final : public ValueDigest {
public:
    DiffSide(rdb::Input& input, const std::string& folder);

    Status function(std::string_view source) override;
    Status begin_key(const rdb::KeyRecord& key) override;
    Status end_key(uint64_t end_offset) override;
    Status progress(uint64_t done, uint64_t total) override;

    // Is told how far the reader is; an error ends the reading.
    void on_progress(std::function<Status(uint64_t)> hear) { hear_ = std::move(hear); }

    const PartitionedSpill<KeyMark>& marks() const { return marks_; }
    const std::map<std::string, Digest>& libraries() const { return libraries_; }

private:
    PartitionedSpill<KeyMark> marks_;
    std::map<std::string, Digest> libraries_;
    KeyMark mark_{};
    std::function<Status(uint64_t)> hear_;
};

enum class CompareTtl : uint8_t { kYes, kNo };

class Differences {
public:
    // The sizes are the files'.
    Differences(const std::string& folder, uint64_t first_size, uint64_t second_size);

    Status compare(const DiffSide& first, const DiffSide& second, CompareTtl ttl);
    // Keys that are open are not compared: those with a name become differences of kOpen, those
    // that are open with their whole database are counted only.
    Status compare(const DiffSide& first, const DiffSide& second, CompareTtl ttl,
                   const OpenKeys& open);
    const DiffCounts& counts() const { return counts_; }
    // What is gone or other by the first file's order, then what is new by the second's.
    Status for_each(const std::function<Status(const Difference&)>& visit) const;
    // Libraries: name, and what became of it.
    const std::map<std::string, Change>& libraries() const { return libraries_; }
    // Nothing can be said of them.
    void forget_libraries() { libraries_.clear(); }

private:
    Status compare_partition(std::vector<KeyMark> first, std::vector<KeyMark> second,
                             CompareTtl ttl, const OpenKeys::Part& open);
    Status compare_marks(const KeyMark* first, const KeyMark* second, CompareTtl ttl);
    void compare_libraries(const DiffSide& first, const DiffSide& second);
    Status add(const Difference& difference);

    std::string folder_;
    uint64_t first_size_;
    uint64_t second_size_;
    PartitionedSpill<Difference> by_place_;
    std::map<std::string, Change> libraries_;
    DiffCounts counts_;
};

}  // namespace tidemark::rdb_check
