// Microseconds, counted in buckets at most an eighth wide: enough for a percentile in INFO.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace tidemark::aof {

class LatencyHistogram {
public:
    void record(int64_t us) {
        const uint64_t value = us > 0 ? static_cast<uint64_t>(us) : 0;
        ++counts_[bucket_of(value)];
        ++total_;
        max_ = std::max(max_, us);
    }
    int64_t max() const { return max_; }
    // The upper edge of the bucket that holds the given share of all values; 0 without values.
    int64_t percentile(double share) const {
        const auto wanted = static_cast<uint64_t>(share * static_cast<double>(total_));
        uint64_t seen = 0;
        for (size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > wanted) return std::min(max_, edge_of(i));
        }
        return max_;
    }

private:
    static constexpr unsigned kSubBits = 3;  // eight buckets a power of two
    static constexpr size_t kBuckets = (64 - kSubBits) << kSubBits;

    static size_t bucket_of(uint64_t value) {
        if (value < (1U << kSubBits)) return value;
        const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
        const size_t bucket = (static_cast<size_t>(shift) << kSubBits) + (value >> shift);
        return std::min(bucket, kBuckets - 1);
    }
    static int64_t edge_of(size_t bucket) {
        if (bucket < (1U << kSubBits)) return static_cast<int64_t>(bucket);
        const size_t shift = (bucket >> kSubBits) - 1;
        const uint64_t mantissa = (bucket & ((1U << kSubBits) - 1)) + (1U << kSubBits);
        return static_cast<int64_t>(((mantissa + 1) << shift) - 1);
    }

    std::array<uint64_t, kBuckets> counts_{};
    uint64_t total_ = 0;
    int64_t max_ = 0;
};

}  // namespace tidemark::aof
