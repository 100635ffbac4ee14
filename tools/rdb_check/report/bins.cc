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
    {"< 1 min", 0},
    {"< 10 min", 1000 * kMinute},
    {"< 1 h", 10'000 * kMinute},
    {"< 6 h", 1000 * kHour},
    {"< 1 day", 6000 * kHour},
    {"< 7 days", 1000 * kDay},
    {"< 30 days", 7000 * kDay},
    {"< 90 days", 30'000 * kDay},
    {"< 1 year", 90'000 * kDay},
    {"1 year +", 365'000 * kDay},
});

constexpr auto kIdleBins = std::to_array<Bin>({
    {"< 1 min", 0},
    {"< 10 min", kMinute},
    {"< 1 h", 10 * kMinute},
    {"< 6 h", kHour},
    {"< 1 day", 6 * kHour},
    {"< 7 days", kDay},
    {"< 30 days", 7 * kDay},
    {"< 90 days", 30 * kDay},
    {"90 days +", 90 * kDay},
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
    {"< 64 B", 0},
    {"< 256 B", 64},
    {"< 1 KiB", 256},
    {"< 4 KiB", kKiB},
    {"< 16 KiB", 4 * kKiB},
    {"< 64 KiB", 16 * kKiB},
    {"< 256 KiB", 64 * kKiB},
    {"< 1 MiB", 256 * kKiB},
    {"< 16 MiB", kMiB},
    {"< 256 MiB", 16 * kMiB},
    {"< 1 GiB", 256 * kMiB},
    {"1 GiB +", kGiB},
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
