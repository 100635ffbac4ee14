#include "tools/rdb_check/report/top_keys.h"

#include <algorithm>

namespace tidemark::rdb_check {

namespace {

bool comes_before(const TopKey& one, const TopKey& other) {
    return one.rank != other.rank ? one.rank > other.rank : one.order < other.order;
}

}  // namespace

TopKeys::TopKeys(size_t keys_max) : keys_max_(std::clamp<size_t>(keys_max, 1, kTopKeysMax)) {}

void TopKeys::keep(const KeyFigures& key, uint64_t rank, uint64_t order) {
    if (keys_.size() == keys_max_) {
        std::pop_heap(keys_.begin(), keys_.end(), comes_before);
        keys_.pop_back();
    }
    keys_.push_back({rank, order, key.db, std::string(key.name.substr(0, kTopNameMax)),
                     key.name_bytes, std::string(key.type), std::string(key.encoding), key.amounts,
                     key.largest_element, key.expire_at_ms});
    std::push_heap(keys_.begin(), keys_.end(), comes_before);
}

std::vector<TopKey> TopKeys::sorted() const {
    std::vector<TopKey> keys = keys_;
    std::sort(keys.begin(), keys.end(), comes_before);
    return keys;
}

}  // namespace tidemark::rdb_check
