// One numbered database: its table and the books about it. Everybody may ask for its figures; the
// entries are for the door alone.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/entry.h"
#include "engine/hash_seed.h"
#include "engine/key.h"
#include "engine/table.h"

namespace tidemark::engine {

class Database {
public:
    explicit Database(const HashSeed& seed) : seed_(&seed), table_(std::make_unique<Table>(seed)) {}

    // Expired keys that nobody has deleted yet count, as in Redis.
    size_t size() const { return table_->size(); }
    size_t expires() const { return expires_; }
    // Estimated by active expiry from samples; 0 until it has run.
    int64_t avg_ttl_ms() const { return expires_ == 0 ? 0 : avg_ttl_ms_; }
    uint64_t used_bytes() const { return entry_bytes_ + table_->bucket_bytes(); }
    size_t buckets() const { return table_->buckets(); }

private:
    friend class Keyspace;
    friend class ReadTxn;
    friend class WriteTxn;

    Table& table() const { return *table_; }
    Table::Place locate(const Key& key) const { return table_->locate(key.name, key.hash); }

    // The books: an entry is counted while it is here. Before and after a change of its block.
    void count(const Entry& entry) {
        entry_bytes_ += entry.block_bytes();
        expires_ += entry.has_expiry() ? 1 : 0;
    }
    void uncount(const Entry& entry) {
        entry_bytes_ -= entry.block_bytes();
        expires_ -= entry.has_expiry() ? 1 : 0;
    }
    void insert(Entry* entry, uint64_t hash, int64_t now_ms);
    // A counted entry in the place of one that has been uncounted, or the same entry.
    void replace(Table::Place place, Entry* entry, int64_t now_ms);
    // Takes the entry out; it is the caller's.
    Entry* take(Table::Place place, uint64_t hash);
    // An empty table takes the old one's place; that one is the caller's.
    std::unique_ptr<Table> detach();
    void learn_ttl(int64_t ttl_ms);

    const HashSeed* seed_;
    std::unique_ptr<Table> table_;
    uint64_t entry_bytes_ = 0;
    size_t expires_ = 0;
    int64_t avg_ttl_ms_ = 0;
};

}  // namespace tidemark::engine
