#include "tools/rdb_check/report/bins.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tidemark::rdb_check {

namespace {

constexpr int64_t kMinute = 60;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

constexpr auto kTtlBins = std::to_array<Bin>({
    {"over", INT64_MIN},
    {"<1m", 0},
    {"<10m", 1000 * kMinute},
    {"<1h", 10'000 * kMinute},
    {"<6h", 1000 * kHour},
    {"<1d", 6000 * kHour},
    {"<7d", 1000 * kDay},
    {"<30d", 7000 * kDay},
    {"<90d", 30'000 * kDay},
    {"<1y", 90'000 * kDay},
    {"1y+", 365'000 * kDay},
});

constexpr auto kIdleBins = std::to_array<Bin>({
    {"<1m", 0},
    {"<10m", kMinute},
    {"<1h", 10 * kMinute},
    {"<6h", kHour},
    {"<1d", 6 * kHour},
    {"<7d", kDay},
    {"<30d", 7 * kDay},
    {"<90d", 30 * kDay},
    {"90d+", 90 * kDay},
});

constexpr auto kFreqBins = std::to_array<Bin>({
    {"0", 0},
    {"1-4", 1},
    {"5", 5},
    {"6-9", 6},
    {"10-19", 10},
    {"20-49", 20},
    {"50-99", 50},
    {"100-199", 100},
    {"200-255", 200},
});

constexpr int64_t kKiB = 1024;
constexpr int64_t kMiB = 1024 * kKiB;
constexpr int64_t kGiB = 1024 * kMiB;

constexpr auto kSizeBins = std::to_array<Bin>({
    {"<64", 0},
    {"<256", 64},
    {"<1K", 256},
    {"<4K", kKiB},
    {"<16K", 4 * kKiB},
    {"<64K", 16 * kKiB},
    {"<256K", 64 * kKiB},
    {"<1M", 256 * kKiB},
    {"<16M", kMiB},
    {"<256M", 16 * kMiB},
    {"<1G", 256 * kMiB},
    {"1G+", kGiB},
});

}  // namespace

std::span<const Bin> ttl_bins() {
    return kTtlBins;
}
std::span<const Bin> idle_bins() {
    return kIdleBins;
}
std::span<const Bin> freq_bins() {
    return kFreqBins;
}
std::span<const Bin> size_bins() {
    return kSizeBins;
}

void BinCounts::add(int64_t value, uint64_t bytes) {
    const auto next = std::upper_bound(bins_.begin() + 1, bins_.end(), value,
                                       [](int64_t v, const Bin& bin) { return v < bin.low; });
    Count& count = counts_[static_cast<size_t>(std::distance(bins_.begin(), next)) - 1];
    ++count.count;
    count.bytes += bytes;
    ++total_;
}

}  // namespace tidemark::rdb_check
