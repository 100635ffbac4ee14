// Recovery's other end: decoded commands of the log become the keyspace, and so does a base in RDB
// form. Runs before the loop proper; commands go through the same handlers as live ones, a batch at
// a time so that cache misses overlap.
#pragma once

#include <cstdint>
#include <functional>

#include "aof/recovery.h"
#include "cmd/dispatch.h"

namespace tidemark::server {

class Replay final : public aof::ReplayTarget {
public:
    // `progress` is called now and then with bytes done and in all; an error ends the load.
    Replay(cmd::Dispatcher& dispatcher, engine::Keyspace& keyspace,
           std::function<Status(uint64_t, uint64_t)> progress);

    Status apply(std::span<const std::span<const std::string_view>> commands,
                 size_t* failed) override;
    Status load_rdb(io::File& file, uint64_t* end_offset) override;
    Status on_progress(uint64_t bytes_done, uint64_t bytes_total) override;

    uint64_t rdb_keys() const { return rdb_keys_; }

private:
    cmd::Dispatcher& dispatcher_;
    engine::Keyspace& keyspace_;
    std::function<Status(uint64_t, uint64_t)> progress_;
    cmd::Session session_;
    Buffer scratch_;  // replies of replayed commands, thrown away
    std::vector<cmd::Dispatcher::Prepared> prepared_;
    uint64_t bytes_done_ = 0;  // as last heard
    uint64_t bytes_total_ = 0;
    uint64_t rdb_keys_ = 0;
};

}  // namespace tidemark::server
