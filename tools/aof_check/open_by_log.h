// Which keys a log's records write to, on top of its base: what of a dump can no longer be told
// from the base alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aof/codec/log_walk.h"
#include "aof/codec/written_keys.h"
#include "tools/aof_check/chain.h"
#include "tools/aof_check/judge.h"
#include "tools/common/session.h"
#include "tools/dump_diff/open_keys.h"

namespace tidemark::aof_check {

// The first record that reaches so far.
struct FarReach {
    std::string command;
    std::string file;
    uint64_t offset = 0;
    std::optional<uint64_t> db;  // of all keys of which it is; nullopt: of all databases
};

class OpenByLog {
public:
    OpenByLog(Judge judge, const std::string& spool_folder)
        : judge_(std::move(judge)), keys_(spool_folder) {}

    // The records of `file` from `start` on, up to where a server reads it.
    Status read(tools::Session& session, const ChainFile& file, uint64_t start, uint64_t end);

    const rdb_check::OpenKeys& keys() const { return keys_; }
    uint64_t records() const { return records_; }
    bool are_libraries_open() const { return are_libraries_open_; }
    // For the user: one for each database, then the one for everything.
    const std::vector<FarReach>& far_reaches() const { return far_reaches_; }

private:
    Status take(const ChainFile& file, const aof::Item& item,
                std::span<const std::string_view> args);
    void note(const ChainFile& file, const aof::Item& item, std::optional<uint64_t> db);

    Judge judge_;
    rdb_check::OpenKeys keys_;
    aof::Written written_;
    uint64_t db_ = 0;
    uint64_t records_ = 0;
    bool are_libraries_open_ = false;
    std::vector<FarReach> far_reaches_;
};

}  // namespace tidemark::aof_check
