// All databases, and what they share: the hash seed, the clock of this turn, statistics, watched
// keys, the offsets that hold replies. Changed through WriteTxn only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "engine/access_clock.h"
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
    // Offsets of different sinks have nothing to do with each other: what was noted of the old
    // one's is forgotten, so nothing of it may be pending.
    void set_sink(CommitSink& sink);
    CommitSink& sink() { return *sink_; }

    int databases() const { return static_cast<int>(databases_.size()); }
    Database& db(int index) { return *databases_[static_cast<size_t>(index)]; }

    uint64_t hash(std::string_view name) const { return seed_.hash(name); }
    // Start loading the cache lines that a lookup will need: first the bucket; a little later, when
    // that has arrived, the entry.
    void prefetch_bucket(int db, uint64_t hash) const;
    void prefetch_entry(int db, uint64_t hash) const;

    // Time of this turn of the loop; everything that asks whether a key is expired uses it.
    void set_now(int64_t unix_ms) {
        now_ms_ = unix_ms;
        access_clock_.set_now(unix_ms);
    }
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

    // Bounded work for the idle part of a turn: frees what was flushed, shrinks tables that have
    // become too large. (Growing happens on insert.)
    void maintain(int64_t budget_us, Clock& clock);
    bool wants_maintenance() const { return !graveyard_.empty(); }

    uint64_t dirty() const { return dirty_; }  // changes since start (rdb_changes_since_last_save)
    Stats& stats() { return stats_; }
    const Stats& stats() const { return stats_; }
    WatchTable& watches() { return watches_; }
    // WATCH. A key whose time has come is deleted first: that it goes later is no change.
    void watch(Watcher& watcher, int db, const Key& key);
    // EXEC fails too when a watched key's time has come and nobody has deleted it yet.
    bool any_watched_expired(const Watcher& watcher);
    // For OBJECT IDLETIME and FREQ, and the policy that decides which of them works.
    AccessClock& access_clock() { return access_clock_; }
    const AccessClock& access_clock() const { return access_clock_; }
    DirtyOffsets& dirty_offsets() { return dirty_offsets_; }
    uint64_t used_bytes() const;  // keys, values and tables, as allocated

private:
    friend class ReadTxn;
    friend class WriteTxn;

    struct NotedKey {
        int db;
        std::string name;
    };

    // A flushed table, being freed.
    struct Grave {
        std::unique_ptr<Table> table;
        uint64_t bytes;
    };
    // Progress of active expiry: where the next slice starts and what it may rely on.
    struct ExpireRound {
        int db = 0;
        size_t bucket = 0;
        int64_t last_slice_ms = INT64_MIN / 2;
        // Look at every entry with an expiry: slices have been away too long for the marks.
        bool is_thorough = true;
        // The newest slice found so much that the next may use its whole budget.
        bool is_behind = false;
    };
    struct BucketFinds {
        size_t with_expiry = 0;
        size_t expired = 0;
    };

    // Whether a commit may be less durable than its replies need.
    bool has_pending() const { return last_commit_ > sink_->released_offset(); }
    void note_commit(uint64_t offset) { last_commit_ = offset; }
    // Logs a DEL, tells watchers and deletes. `name` may lie in the entry itself.
    void expire_now(int db, Table::Place place, const Key& key);
    void expire_bucket(int db, size_t bucket, BucketFinds& finds);
    void bury(Database& database);

    HashSeed seed_;
    std::vector<std::unique_ptr<Database>> databases_;
    NullCommitSink null_sink_;
    CommitSink* sink_ = &null_sink_;
    DirtyOffsets dirty_offsets_;
    WatchTable watches_;
    Stats stats_;
    std::vector<NotedKey> noted_;
    std::vector<Grave> graveyard_;
    std::vector<Entry*> due_;  // of one bucket; here for its memory
    AccessClock access_clock_;
    Random random_;
    int64_t now_ms_ = 0;
    uint64_t dirty_ = 0;
    uint64_t last_commit_ = 0;
    bool active_expire_ = true;
    bool replaying_ = false;
    ExpireRound round_;
};

}  // namespace tidemark::engine
