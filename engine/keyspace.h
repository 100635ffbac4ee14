// All databases, and what they share: the hash seed, the clock of this turn, statistics, watched
// keys, the offsets that hold replies. Changed through WriteTxn only.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/commit_sink.h"
#include "engine/database.h"
#include "engine/dirty_offsets.h"
#include "engine/hash_seed.h"
#include "engine/key.h"
#include "engine/stats.h"
#include "engine/watch.h"

namespace tidemark::engine {

class Keyspace {
public:
    struct Options {
        int databases = 16;
        uint64_t seed = 0;  // of the keyed hash; from the kernel in the server
    };

    explicit Keyspace(Options options);
    ~Keyspace();

    // Where commits go. A NullCommitSink until set; must outlive the keyspace or be replaced.
    void set_sink(CommitSink& sink) { sink_ = &sink; }
    CommitSink& sink() { return *sink_; }

    int databases() const { return static_cast<int>(databases_.size()); }
    Database& db(int index) { return *databases_[static_cast<size_t>(index)]; }

    uint64_t hash(std::string_view name) const { return seed_.hash(name); }
    // Start loading the cache lines that a lookup will need: first the bucket; a little later, when
    // that has arrived, the entry.
    void prefetch_bucket(int db, uint64_t hash) const;
    void prefetch_entry(int db, uint64_t hash) const;

    // Time of this turn of the loop; everything that asks whether a key is expired uses it.
    void set_now(int64_t unix_ms) { now_ms_ = unix_ms; }
    int64_t now_ms() const { return now_ms_; }

    // Deletes the keys that reads found expired since the last call, logging a DEL each.
    void expire_noted();
    bool has_noted() const { return !noted_.empty(); }
    // One slice of active expiry: looks at entries with an expiry, deletes what is due, returns
    // when `budget_us` is used up or a round is complete. Called by cron while not loading.
    void expire_slice(Clock& clock, int64_t budget_us);
    // Off during replay of a log (its DELs decide) and by DEBUG SET-ACTIVE-EXPIRE 0.
    void set_active_expire(bool on) { active_expire_ = on; }
    // During replay nothing expires on access either.
    void set_replaying(bool on) { replaying_ = on; }
    bool replaying() const { return replaying_; }

    // Bounded work that makes tables grow or shrink, for the idle part of a turn.
    void maintain(int64_t budget_us, Clock& clock);

    uint64_t dirty() const { return dirty_; }  // changes since start (rdb_changes_since_last_save)
    Stats& stats() { return stats_; }
    const Stats& stats() const { return stats_; }
    WatchTable& watches() { return watches_; }
    DirtyOffsets& dirty_offsets() { return dirty_offsets_; }
    uint64_t used_bytes() const;  // keys, values and tables, as allocated

private:
    friend class ReadTxn;
    friend class WriteTxn;

    struct NotedKey {
        int db;
        std::string name;
    };

    HashSeed seed_;
    std::vector<std::unique_ptr<Database>> databases_;
    NullCommitSink null_sink_;
    CommitSink* sink_ = &null_sink_;
    DirtyOffsets dirty_offsets_;
    WatchTable watches_;
    Stats stats_;
    std::vector<NotedKey> noted_;
    int64_t now_ms_ = 0;
    uint64_t dirty_ = 0;
    bool active_expire_ = true;
    bool replaying_ = false;
    int expire_db_ = 0;  // where the next slice of active expiry starts
    uint64_t expire_cursor_ = 0;
};

}  // namespace tidemark::engine
