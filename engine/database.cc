#include "engine/database.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/entry_maker.h"

namespace tidemark::engine {

namespace {

uint64_t mark_of(const Entry& entry, int64_t now_ms) {
    return entry.has_expiry() ? ExpiryMark::at(entry.expire_at_ms(), now_ms) : ExpiryMark::none();
}

}  // namespace

void Database::insert(Entry* entry, uint64_t hash, int64_t now_ms) {
    count(*entry);
    table_->insert(entry, hash, mark_of(*entry, now_ms));
}

void Database::replace(Table::Place place, Entry* entry, int64_t now_ms) {
    table_->replace(place, entry, mark_of(*entry, now_ms));
}

Entry* Database::take(Table::Place place, uint64_t hash) {
    Entry* entry = table_->remove(place, hash);
    uncount(*entry);
    return entry;
}

std::unique_ptr<Table> Database::detach() {
    entry_bytes_ = 0;
    expires_ = 0;
    avg_ttl_ms_ = 0;
    return std::exchange(table_, std::make_unique<Table>(*seed_));
}

// The weights that Redis uses for its estimate. PEXPIREAT and dumps may ask for any time, also for
// the last one there is.
void Database::learn_ttl(int64_t ttl_ms) {
    constexpr int64_t kLearnedMax = std::numeric_limits<int64_t>::max() / 64;
    ttl_ms = std::min(ttl_ms, kLearnedMax);
    avg_ttl_ms_ = avg_ttl_ms_ == 0 ? ttl_ms : (avg_ttl_ms_ * 49 + ttl_ms) / 50;
}

}  // namespace tidemark::engine
