// The entries of one stream group that wait for an acknowledgement: put in by rising ID, looked up
// while its consumers are read. In memory while they are few, in a file without a name when not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rdb/codec/value_sink.h"
#include "tools/common/spool.h"

namespace tidemark::rdb_check {

class PendingTable {
public:
    explicit PendingTable(std::string folder) : folder_(std::move(folder)) {}

    void clear();
    Status add(const rdb::StreamPending& pending);
    // nullopt: nobody put it in.
    Result<std::optional<rdb::StreamPending>> find(rdb::StreamId id) const;

private:
    Result<rdb::StreamPending> at(uint64_t index) const;
    uint64_t size() const;

    std::string folder_;
    std::vector<rdb::StreamPending> newest_;  // those behind what the file holds
    std::optional<tools::Spool> older_;
};

}  // namespace tidemark::rdb_check
