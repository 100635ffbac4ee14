// All that the report says, gathered key by key. Memory is bounded whatever the file: every part
// has its limit.
#pragma once

#include <cstdint>
#include <optional>

#include "tools/rdb_check/report/bins.h"
#include "tools/rdb_check/report/key_figures.h"
#include "tools/rdb_check/report/prefix_tree.h"
#include "tools/rdb_check/report/slots.h"
#include "tools/rdb_check/report/top_keys.h"
#include "tools/rdb_check/report/totals.h"

namespace tidemark::rdb_check {

struct StatisticsOptions {
    size_t top = 20;
    PrefixOptions prefixes;
    int64_t now_ms = 0;
};

struct FieldExpiries {
    uint64_t hashes = 0;  // that have any
    uint64_t fields = 0;
    uint64_t expired_now = 0;  // of those that were looked at
};

class Statistics {
public:
    explicit Statistics(const StatisticsOptions& options);

    // What remaining times are counted from: when the dump was made. Before the first key; without
    // it, they are counted from now.
    void set_created_ms(int64_t created_ms) { created_ms_ = created_ms; }
    void add(const KeyFigures& key);

    const StatisticsOptions& options() const { return options_; }
    int64_t ttl_origin_ms() const { return created_ms_.value_or(options_.now_ms); }
    bool has_creation_time() const { return created_ms_.has_value(); }
    const Amounts& all() const { return all_; }
    uint64_t expiring() const { return ttl_.total(); }
    const Amounts& expired_now() const { return expired_now_; }
    const FieldExpiries& field_expiries() const { return fields_; }
    const Totals& totals() const { return totals_; }
    const BinCounts& sizes() const { return sizes_; }
    const BinCounts& ttl() const { return ttl_; }
    const BinCounts& field_ttl() const { return field_ttl_; }
    const BinCounts& idle() const { return idle_; }
    const BinCounts& freq() const { return freq_; }
    const TopKeys& top_by_size() const { return top_size_; }
    const TopKeys& top_by_elements() const { return top_elements_; }
    const TopKeys& top_by_largest_element() const { return top_largest_; }
    const PrefixTree& prefixes() const { return prefixes_; }
    const SlotLoads& slots() const { return slots_; }

private:
    void add_expiry(const KeyFigures& key);
    void add_field_expiries(const KeyFigures& key);
    // Milliseconds from the origin; never wraps.
    int64_t remaining(int64_t expire_at_ms) const;

    StatisticsOptions options_;
    std::optional<int64_t> created_ms_;
    Amounts all_;
    Amounts expired_now_;
    FieldExpiries fields_;
    Totals totals_;
    BinCounts sizes_{size_bins()};
    BinCounts ttl_{ttl_bins()};
    BinCounts field_ttl_{ttl_bins()};
    BinCounts idle_{idle_bins()};
    BinCounts freq_{freq_bins()};
    TopKeys top_size_;
    TopKeys top_elements_;
    TopKeys top_largest_;
    PrefixTree prefixes_;
    SlotLoads slots_;
};

}  // namespace tidemark::rdb_check
