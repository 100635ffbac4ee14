#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tidemark::bench {

size_t Histogram::bucket_of(uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kSubBits) return static_cast<size_t>(value);
    const unsigned shift = width - kSubBits - 1;
    // The leading one stays in, so that octave `shift` begins at (shift + 1) << kSubBits.
    return (size_t{shift} << kSubBits) + static_cast<size_t>(value >> shift);
}

uint64_t Histogram::highest_of(size_t bucket) {
    constexpr size_t kSub = size_t{1} << kSubBits;
    if (bucket < kSub) return bucket;
    const size_t shift = (bucket >> kSubBits) - 1;
    const uint64_t first = uint64_t{kSub + (bucket & (kSub - 1))} << shift;
    return first + ((uint64_t{1} << shift) - 1);
}

void Histogram::add(const Histogram& other) {
    for (size_t i = 0; i < kBuckets; i++) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
}

void Histogram::clear() {
    std::fill(counts_.begin(), counts_.end(), 0);
    count_ = 0;
    sum_ = 0;
    max_ = 0;
}

uint64_t Histogram::percentile(double percent) const {
    if (count_ == 0) return 0;
    const double share = std::clamp(percent, 0.0, 100.0) / 100.0;
    const auto exact = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
    const uint64_t wanted = std::clamp<uint64_t>(exact, 1, count_);
    uint64_t seen = 0;
    for (size_t i = 0; i < kBuckets; i++) {
        seen += counts_[i];
        if (seen >= wanted) return std::min(highest_of(i), max_);
    }
    return max_;
}

}  // namespace tidemark::bench
