#include "rdb/codec/count_hints.h"

#include <fmt/format.h>

namespace tidemark::rdb {

namespace {

// A file with more dbs than any server is not worth the memory.
constexpr size_t kDbsMax = 4096;

}  // namespace

void CountHints::select(uint64_t db) {
    if (dbs_.size() >= kDbsMax) give_up();
    if (is_given_up_) return;
    dbs_[current_db_] = current_;
    current_db_ = db;
    current_ = dbs_[db];
}

void CountHints::hint(uint64_t keys, uint64_t with_expiry, uint64_t offset) {
    current_.has_hint = true;
    current_.hinted_keys = keys;
    current_.hinted_with_expiry = with_expiry;
    current_.hint_offset = offset;
}

std::optional<CountHints::Miss> CountHints::miss_of(uint64_t db, const Counts& counts) {
    if (!counts.has_hint) return std::nullopt;
    if (counts.keys == counts.hinted_keys && counts.with_expiry == counts.hinted_with_expiry) {
        return std::nullopt;
    }
    return Miss{counts.hint_offset,
                fmt::format("db {} is said to have {} keys, {} of them with an expiry, and has {} "
                            "and {}",
                            db, counts.hinted_keys, counts.hinted_with_expiry, counts.keys,
                            counts.with_expiry)};
}

}  // namespace tidemark::rdb
