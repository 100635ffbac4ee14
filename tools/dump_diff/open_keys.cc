#include "tools/dump_diff/open_keys.h"

#include <algorithm>

namespace tidemark::rdb_check {

namespace {

constexpr size_t kTakenPlaces = 64 * 1024;
// More than any server has; past them it is everything.
constexpr size_t kOpenDbsMax = 100'000;

}  // namespace

OpenKeys::OpenKeys(const std::string& folder)
    : named_(folder, kKeyPartitions), taken_(kTakenPlaces) {}

Status OpenKeys::add(uint64_t db, std::string_view name) {
    const Digest key = key_digest(db, name);
    Digest& taken = taken_[key.low % kTakenPlaces];
    if (taken == key) return {};
    taken = key;
    return named_.append(partition_of(key), key);
}

void OpenKeys::add_db(uint64_t db) {
    dbs_.insert(db);
    if (dbs_.size() > kOpenDbsMax) add_everything();
}

Result<OpenKeys::Part> OpenKeys::part(size_t partition) const {
    Part part(*this);
    part.named_ = TM_TRY(named_.read(partition));
    std::sort(part.named_.begin(), part.named_.end());
    part.named_.erase(std::unique(part.named_.begin(), part.named_.end()), part.named_.end());
    return part;
}

Open OpenKeys::Part::holds(uint64_t db, const Digest& key) const {
    if (all_.is_everything_ || all_.dbs_.contains(db)) return Open::kWhole;
    const bool is_named = std::binary_search(named_.begin(), named_.end(), key);
    return is_named ? Open::kNamed : Open::kNo;
}

}  // namespace tidemark::rdb_check
