// Records of one size, put into partitions as they come and read back one partition at a time: how
// more of them than memory holds are sorted, joined or looked for twice.
//
//   memory   kBlockBytes a partition while they are written; one partition while it is read
//   disk     one file without a name, of blocks: block n of it belongs to one partition
//
// Without a full block there is no file.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/buffer.h"
#include "base/result.h"
#include "tools/common/spool.h"

namespace tidemark::rdb_check {

class PartitionedBytes {
public:
    // `folder`: where the file goes, if it comes to that.
    PartitionedBytes(std::string folder, size_t partitions, size_t record_bytes);

    Status append(size_t partition, const char* record);
    uint64_t records(size_t partition) const;
    // All records of the partition, in the order of their coming, into room for as many.
    Status read(size_t partition, char* to) const;

private:
    struct Partition {
        Buffer waiting;
        std::vector<uint64_t> blocks;  // offsets in the file
    };

    std::string folder_;
    size_t record_bytes_;
    size_t block_bytes_;  // whole records
    std::vector<Partition> partitions_;
    std::optional<tools::Spool> file_;
};

template <class Record>
class PartitionedSpill {
    static_assert(std::is_trivially_copyable_v<Record>);

public:
    PartitionedSpill(std::string folder, size_t partitions)
        : bytes_(std::move(folder), partitions, sizeof(Record)), partitions_(partitions) {}

    size_t partitions() const { return partitions_; }
    Status append(size_t partition, const Record& record) {
        return bytes_.append(partition, reinterpret_cast<const char*>(&record));
    }
    Result<std::vector<Record>> read(size_t partition) const {
        std::vector<Record> records(bytes_.records(partition));
        TM_CHECK(bytes_.read(partition, reinterpret_cast<char*>(records.data())));
        return records;
    }

private:
    PartitionedBytes bytes_;
    size_t partitions_;
};

}  // namespace tidemark::rdb_check
