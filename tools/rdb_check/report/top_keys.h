// The largest keys by one measure. Of equal ones, those that come first in the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/rdb_check/report/key_figures.h"

namespace tidemark::rdb_check {

inline constexpr size_t kTopKeysMax = 1000;
// Of a name, what is kept: three lists of a thousand have to fit.
inline constexpr size_t kTopNameMax = 1024;

struct TopKey {
    uint64_t rank = 0;   // what the list is ordered by
    uint64_t order = 0;  // which key of the file it was
    uint64_t db = 0;
    std::string name;
    uint64_t name_bytes = 0;
    std::string type;
    std::string encoding;
    Amounts amounts;
    uint64_t largest_element = 0;
    std::optional<int64_t> expire_at_ms;
};

class TopKeys {
public:
    // At most kTopKeysMax.
    explicit TopKeys(size_t keys_max);

    void add(const KeyFigures& key, uint64_t rank, uint64_t order) {
        if (keys_.size() < keys_max_ || rank > keys_.front().rank) keep(key, rank, order);
    }
    // Largest first.
    std::vector<TopKey> sorted() const;

private:
    void keep(const KeyFigures& key, uint64_t rank, uint64_t order);

    size_t keys_max_;
    std::vector<TopKey> keys_;  // a heap with the first to go in front
};

}  // namespace tidemark::rdb_check
