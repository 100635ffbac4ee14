// Keys of which a comparison can say nothing: what became of them is not known. Named one by one,
// by database, or all there are.
//
// The named ones are digests in 256 partitions, on disk when they are many; one that comes again
// and again is mostly taken once.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/dump_diff/digest.h"
#include "tools/dump_diff/partitioned_spill.h"

namespace tidemark::rdb_check {

// Digests of keys are put into so many partitions, by partition_of().
inline constexpr size_t kKeyPartitions = 256;
inline size_t partition_of(const Digest& key) {
    return key.high >> 56;
}

enum class Open : uint8_t {
    kNo,
    kNamed,
    kWhole,  // with its database, or with everything
};

class OpenKeys {
public:
    explicit OpenKeys(const std::string& folder);

    Status add(uint64_t db, std::string_view name);
    void add_db(uint64_t db);
    void add_everything() { is_everything_ = true; }

    bool is_everything() const { return is_everything_; }

    // Those of one partition.
    class Part {
    public:
        Open holds(uint64_t db, const Digest& key) const;
        // Of those with a name.
        size_t names() const { return named_.size(); }

    private:
        friend class OpenKeys;
        explicit Part(const OpenKeys& all) : all_(all) {}

        const OpenKeys& all_;
        std::vector<Digest> named_;  // sorted, each once
    };
    Result<Part> part(size_t partition) const;

private:
    bool is_everything_ = false;
    std::set<uint64_t> dbs_;
    PartitionedSpill<Digest> named_;
    std::vector<Digest> taken_;  // each in the place that its bits choose
};

}  // namespace tidemark::rdb_check
