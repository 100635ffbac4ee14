// Expiry of keys: of those that commands met, and of those that nobody asks for.
//
// Active expiry walks the buckets in order, round after round. A bucket says without its entries
// which of them may be due (ExpiryMark), so a round over millions of keys reads little more than
// the table: about 1 ns an entry. A slice walks an eighth of the buckets (a round a second at ten
// slices) unless the last one found that a lot is due: then it may use up its budget.
#include <algorithm>
#include <array>

#include "engine/entry_maker.h"
#include "engine/keyspace.h"

namespace tidemark::engine {

namespace {

constexpr size_t kSlicesPerRound = 8;
// A small table is walked whole by each slice: 16,384 buckets are about 100 us.
constexpr size_t kSliceBucketsMin = 16'384;
constexpr size_t kExpiryBucketsPerLook = 64;
// One bucket in so many has its entries read for the estimate of the average ttl.
constexpr size_t kTtlSampleBuckets = 64;
// More than this share of what was passed being expired, the keyspace holds too much that is dead.
constexpr double kBehindShare = 0.1;

}  // namespace

void Keyspace::expire_now(int db_index, Table::Place place, const Key& key) {
    const std::array<std::string_view, 2> record{"DEL", key.name};
    const uint64_t offset = sink_->append({db_index, record, {}});
    dirty_offsets_.mark(key.hash, offset);
    note_commit(offset);
    watches_.touch(db_index, key.name);
    ++stats_.expired_keys;
    EntryMaker::destroy(db(db_index).take(place, key.hash));
}

void Keyspace::expire_noted() {
    for (const NotedKey& noted : noted_) {
        const Key key{noted.name, hash(noted.name)};
        const Table::Place place = db(noted.db).locate(key);
        if (place && place.entry()->is_expired(now_ms_)) expire_now(noted.db, place, key);
    }
    noted_.clear();
}

void Keyspace::expire_bucket(int db_index, size_t bucket, BucketFinds& finds) {
    Database& database = db(db_index);
    Table& table = database.table();
    const bool is_sampled = bucket % kTtlSampleBuckets == 0;
    due_.clear();
    table.visit_chain(bucket, [&](const Table::Place& place) {
        const uint64_t slot = place.bucket->slots[place.slot];
        if ((slot & ExpiryMark::kExpires) == 0) return;
        ++finds.with_expiry;
        const bool is_due = ExpiryMark::is_due(slot, now_ms_) || round_.is_thorough;
        if (!is_due && !is_sampled) return;
        Entry* entry = place.entry();
        if (entry->is_expired(now_ms_)) {
            due_.push_back(entry);
            return;
        }
        if (is_sampled) database.learn_ttl(entry->expire_at_ms() - now_ms_);
        if (is_due) database.replace(place, entry, now_ms_);  // marks it anew
    });
    finds.expired += due_.size();
    for (const Entry* entry : due_) {
        const Key key{entry->key(), hash(entry->key())};
        expire_now(db_index, database.locate(key), key);
    }
}

void Keyspace::expire_slice(Clock& clock, int64_t budget_us) {
    if (!active_expire_ || replaying_) return;
    const int64_t start = clock.monotonic_us();
    const int64_t away_ms = now_ms_ - round_.last_slice_ms;
    if (away_ms < 0 || away_ms > ExpiryMark::kTrustMs / 8) {
        round_ = {.db = 0, .bucket = 0, .last_slice_ms = 0, .is_thorough = true, .is_behind = true};
    }
    round_.last_slice_ms = now_ms_;

    size_t all_buckets = 0;
    for (const auto& database : databases_) {
        if (database->expires() != 0) all_buckets += database->buckets();
    }
    const size_t fair = std::max(all_buckets / kSlicesPerRound, kSliceBucketsMin);
    const size_t share = round_.is_behind ? all_buckets : std::min(fair, all_buckets);

    BucketFinds finds;
    bool is_out_of_time = false;
    // A step is a bucket or a change of database, so that a whole round comes back to its start.
    const size_t steps = all_buckets == 0 ? 0 : share + databases_.size();
    for (size_t step = 0; step < steps && !is_out_of_time; ++step) {
        const Database& database = db(round_.db);
        if (database.expires() == 0 || round_.bucket >= database.buckets()) {
            round_.bucket = 0;
            round_.db = (round_.db + 1) % databases();
            if (round_.db == 0) round_.is_thorough = false;
            continue;
        }
        expire_bucket(round_.db, round_.bucket++, finds);
        if (step % kExpiryBucketsPerLook == 0) {
            is_out_of_time = clock.monotonic_us() - start >= budget_us;
        }
    }
    if (is_out_of_time) ++stats_.expired_time_cap_reached;
    const double stale = finds.with_expiry == 0 ? 0
                                                : static_cast<double>(finds.expired) /
                                                      static_cast<double>(finds.with_expiry);
    stats_.expired_stale_perc = stats_.expired_stale_perc * 0.95 + stale * 100 * 0.05;
    round_.is_behind = stale > kBehindShare || (is_out_of_time && round_.is_thorough);
    stats_.expire_cycle_cpu_us += static_cast<uint64_t>(clock.monotonic_us() - start);
}

}  // namespace tidemark::engine
