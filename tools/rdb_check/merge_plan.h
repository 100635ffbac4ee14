// What becomes of the keys that several dumps have in common.
//
//   1. Every file is read; of each key a record of 32 bytes (digest of its name, file, place) goes
//      into one of 256 partitions, on disk when they are many.
//   2. In a partition, keys with the same name lie side by side once it is sorted: there the policy
//      says which stays. What does not stay as it is becomes a decision, put into partitions by its
//      place.
//   3. The files are read again, and decisions are met in the order of the places.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/dump_diff/digest.h"
#include "tools/dump_diff/partitioned_spill.h"

namespace tidemark::rdb_check {

enum class OnConflict : uint8_t { kFail, kFirst, kLast, kRename };

// One key of one file.
struct NameMark {
    Digest name;
    uint32_t file;
    uint32_t db;
    uint64_t offset;  // of its type byte
};

enum class Fate : uint8_t { kKeep, kDrop, kRename };

struct FateMark {
    uint64_t offset;
    uint32_t db;
    Fate fate;
};

class MergePlan {
public:
    // `sizes`: of the files.
    MergePlan(const std::string& folder, std::vector<uint64_t> sizes);

    Status add(uint32_t file, uint64_t db, std::string_view name, uint64_t offset);

    // All keys have come.
    Status decide(OnConflict policy);
    uint64_t conflicts() const { return conflicts_; }  // keys that are not the first of their name
    // Some of them, for messages.
    const std::vector<NameMark>& examples() const { return examples_; }

    // The keys that get another name; whether that is free is known when all of them have been
    // told.
    Status for_each_rename(
        const std::function<Status(uint32_t file, uint64_t db, uint64_t offset)>& visit) const;
    Status add_new_name(uint32_t file, uint64_t db, std::string_view name, uint64_t offset);
    Result<std::optional<NameMark>> taken_new_name() const;

    // By rising file and offset.
    Result<Fate> fate_of(uint32_t file, uint64_t offset);

private:
    // Places [begin, end) in `marks` have one name.
    Status decide_same(const std::vector<NameMark>& marks, size_t begin, size_t end,
                       OnConflict policy);
    Status set_fate(const NameMark& mark, Fate fate);
    size_t place_of(uint32_t file, uint64_t offset) const;
    Result<std::vector<FateMark>> fates_at(size_t place) const;

    std::vector<uint64_t> sizes_;
    size_t places_per_file_;
    PartitionedSpill<NameMark> names_;
    PartitionedSpill<NameMark> new_names_;
    PartitionedSpill<FateMark> fates_;
    uint64_t conflicts_ = 0;
    std::vector<NameMark> examples_;

    // Where fate_of() is.
    std::optional<size_t> place_;
    std::vector<FateMark> here_;
    size_t next_ = 0;
};

}  // namespace tidemark::rdb_check
