#include "engine/keyspace.h"

#include "engine/entry_maker.h"

namespace tidemark::engine {

namespace {

// A flushed table of up to this many buckets is freed at once: some tens of microseconds.
constexpr size_t kFreeAtOnceBuckets = 64;
// Buckets between two looks at the clock: at most a few microseconds of frees or moves.
constexpr size_t kFreedBucketsPerLook = 16;

}  // namespace

Keyspace::Keyspace(Options options)
    : seed_(options.seed), access_clock_(options.seed), random_(~options.seed) {
    for (int i = 0; i < options.databases; ++i) {
        databases_.push_back(std::make_unique<Database>(seed_));
    }
}

Keyspace::~Keyspace() = default;

void Keyspace::set_sink(CommitSink& sink) {
    sink_ = &sink;
    dirty_offsets_ = DirtyOffsets();
    last_commit_ = 0;
}

void Keyspace::prefetch_bucket(int db, uint64_t hash) const {
    databases_[static_cast<size_t>(db)]->table().prefetch_bucket(hash);
    if (has_pending()) dirty_offsets_.prefetch(hash);
}

void Keyspace::prefetch_entry(int db, uint64_t hash) const {
    databases_[static_cast<size_t>(db)]->table().prefetch_entry(hash);
}

void Keyspace::watch(Watcher& watcher, int db_index, const Key& key) {
    const Table::Place place = db(db_index).locate(key);
    if (place && place.entry()->is_expired(now_ms_) && !replaying_) {
        expire_now(db_index, place, key);
    }
    watches_.watch(watcher, db_index, key.name);
}

bool Keyspace::any_watched_expired(const Watcher& watcher) {
    if (replaying_) return false;
    for (const auto& [db_index, name] : watcher.keys) {
        const Table::Place place = db(db_index).locate({name, hash(name)});
        if (place && place.entry()->is_expired(now_ms_)) return true;
    }
    return false;
}

void Keyspace::bury(Database& database) {
    const uint64_t bytes = database.entry_bytes_;
    std::unique_ptr<Table> table = database.detach();
    if (table->buckets() > kFreeAtOnceBuckets) graveyard_.push_back({std::move(table), bytes});
}

void Keyspace::maintain(int64_t budget_us, Clock& clock) {
    const int64_t deadline = clock.monotonic_us() + budget_us;
    while (!graveyard_.empty()) {
        Grave& grave = graveyard_.back();
        const bool is_left = grave.table->dismantle(kFreedBucketsPerLook, [&](Entry* entry) {
            grave.bytes -= entry->block_bytes();
            EntryMaker::destroy(entry);
        });
        if (!is_left) graveyard_.pop_back();
        if (clock.monotonic_us() >= deadline) return;
    }
    for (const auto& database : databases_) {
        Table& table = database->table();
        while (table.wants_shrink()) {
            for (size_t i = 0; i < kFreedBucketsPerLook && table.wants_shrink(); ++i)
                table.merge_one();
            if (clock.monotonic_us() >= deadline) return;
        }
    }
}

uint64_t Keyspace::used_bytes() const {
    uint64_t bytes = 0;
    for (const auto& database : databases_) bytes += database->used_bytes();
    for (const Grave& grave : graveyard_) bytes += grave.bytes + grave.table->bucket_bytes();
    return bytes;
}

}  // namespace tidemark::engine
