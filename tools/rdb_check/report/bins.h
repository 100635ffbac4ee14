// Histograms over fixed ranges: how long keys live on, how long they have been idle, how often they
// are used, how large they are.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tools/rdb_check/report/key_figures.h"

namespace tidemark::rdb_check {

// A bin holds the values from `low` up to the next bin's; what is below the first is in the first.
struct Bin {
    std::string_view label;  // "<1h"; short, since it stands below a narrow column
    int64_t low;
};

std::span<const Bin> ttl_bins();   // milliseconds; the first is what is over
std::span<const Bin> idle_bins();  // seconds
std::span<const Bin> freq_bins();  // the counter of LFU, 0 to 255
std::span<const Bin> size_bins();  // bytes

class BinCounts {
public:
    struct Count {
        uint64_t count = 0;
        uint64_t bytes = 0;
    };

    explicit BinCounts(std::span<const Bin> bins) : bins_(bins), counts_(bins.size()) {}

    void add(int64_t value, uint64_t bytes);

    std::span<const Bin> bins() const { return bins_; }
    std::span<const Count> counts() const { return counts_; }
    uint64_t total() const { return total_; }

private:
    std::span<const Bin> bins_;
    std::vector<Count> counts_;
    uint64_t total_ = 0;
};

}  // namespace tidemark::rdb_check
