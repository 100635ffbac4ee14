#include <algorithm>

#include "base/number.h"
#include "engine/txn.h"

namespace tidemark::engine {

namespace {

// RANDOMKEY: picks of a slot that may turn out empty, before walking on from the last one; and
// picks that may turn out expired.
constexpr int kSlotTries = 128;
constexpr int kExpiredTries = 100;
// Slots that a chain is taken to have at most; entries beyond are never picked at random.
constexpr uint64_t kChainSlots = 16;
// Empty buckets that a SCAN step walks through for each entry asked for.
constexpr size_t kScanBucketsPerEntry = 10;

}  // namespace

StringText::StringText(const Entry& entry) {
    if (entry.encoding() == Encoding::kInt) {
        data_ = nullptr;
        length_ = write_int64(digits_, entry.integer());
    } else {
        const std::string_view text = entry.text();
        data_ = text.data();
        length_ = text.size();
    }
}

int64_t ReadTxn::now_ms() const {
    return keyspace_.now_ms();
}

void ReadTxn::note_pending_read(uint64_t hash) const {
    depends_on_ = std::max(depends_on_, keyspace_.dirty_offsets_.last_write(hash));
}

void ReadTxn::depend_on_all() const {
    depends_on_ = std::max(depends_on_, keyspace_.sink_->appended_offset());
}

void ReadTxn::meet_expired(int db, Table::Place place, const Key& key) const {
    if (on_expired_ == OnExpired::kDelete) {
        keyspace_.expire_now(db, place, key);
    } else {
        keyspace_.noted_.push_back({db, std::string(key.name)});
    }
}

Table::Place ReadTxn::locate(int db, const Key& key) const {
    note_read(key.hash);
    const Table::Place place = keyspace_.db(db).locate(key);
    if (place && is_expired(*place.entry())) {
        meet_expired(db, place, key);
        return {};
    }
    return place;
}

const Entry* ReadTxn::find_in(int db, const Key& key) const {
    const Table::Place place = locate(db, key);
    if (!place) {
        ++keyspace_.stats_.keyspace_misses;
        return nullptr;
    }
    ++keyspace_.stats_.keyspace_hits;
    const Entry* entry = place.entry();
    keyspace_.access_clock_.touch(*entry);
    return entry;
}

const Entry* ReadTxn::peek_in(int db, const Key& key) const {
    const Table::Place place = locate(db, key);
    return place ? place.entry() : nullptr;
}

Typed<std::optional<StringText>> ReadTxn::find_string(const Key& key) const {
    const Entry* entry = find(key);
    if (entry == nullptr) return std::optional<StringText>();
    if (entry->type() != ValueType::kString) return tl::unexpected<WrongType>(WrongType{});
    return std::optional<StringText>(std::in_place, *entry);
}

size_t ReadTxn::db_size() const {
    depend_on_all();
    return keyspace_.db(db_).size();
}

std::optional<std::string> ReadTxn::random_key() const {
    depend_on_all();
    const Table& table = keyspace_.db(db_).table();
    if (table.size() == 0) return std::nullopt;
    Random& random = keyspace_.random_;
    // A bucket and a slot of a long enough chain: every entry is as likely as any other.
    for (int tries = 0, expired = 0; tries < kSlotTries && expired < kExpiredTries; ++tries) {
        const Entry* picked = nullptr;
        uint64_t skip = random.below(kChainSlots);
        table.visit_chain(random.below(table.buckets()), [&](const Table::Place& place) {
            if (skip-- == 0) picked = place.entry();
        });
        if (picked == nullptr) continue;
        if (!is_expired(*picked)) return std::string(picked->key());
        keyspace_.noted_.push_back({db_, std::string(picked->key())});
        ++expired;
    }
    // Nearly empty or nearly all expired: the first live one from somewhere on.
    const size_t start = random.below(table.buckets());
    for (size_t i = 0; i < table.buckets(); ++i) {
        const Entry* picked = nullptr;
        table.visit_chain((start + i) % table.buckets(), [&](const Table::Place& place) {
            if (!is_expired(*place.entry())) picked = place.entry();
        });
        if (picked != nullptr) return std::string(picked->key());
    }
    return std::nullopt;
}

void ReadTxn::for_each_key(const std::function<bool(std::string_view, const Entry&)>& visit) const {
    depend_on_all();
    const Table& table = keyspace_.db(db_).table();
    if (table.size() == 0) return;
    bool goes_on = true;
    for (size_t i = 0; i < table.buckets() && goes_on; ++i) {
        table.visit_chain(i, [&](const Table::Place& place) {
            const Entry& entry = *place.entry();
            if (goes_on && !is_expired(entry)) goes_on = visit(entry.key(), entry);
        });
    }
}

uint64_t ReadTxn::scan(uint64_t cursor, size_t count,
                       const std::function<void(std::string_view, const Entry&)>& visit) const {
    depend_on_all();
    const Table& table = keyspace_.db(db_).table();
    size_t seen = 0;
    // A count near SIZE_MAX (SCAN 0 COUNT 2^63-1) must not wrap.
    const size_t most = std::min(count, SIZE_MAX / kScanBucketsPerEntry) * kScanBucketsPerEntry;
    for (size_t buckets = 0; buckets < most && seen < count; ++buckets) {
        cursor = table.scan_step(cursor, [&](const Table::Place& place) {
            const Entry& entry = *place.entry();
            ++seen;
            if (is_expired(entry)) {
                keyspace_.noted_.push_back({db_, std::string(entry.key())});
            } else {
                visit(entry.key(), entry);
            }
        });
        if (cursor == 0) break;
    }
    return cursor;
}

}  // namespace tidemark::engine
