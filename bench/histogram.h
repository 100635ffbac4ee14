// Latencies, counted in log-linear buckets as HdrHistogram does it: below 128 every value has its
// own bucket, above that every power of two is cut into 128 equal ones. A percentile is therefore
// at most 1/128 too high and never too low. Values past kMaxValue are counted as kMaxValue; max()
// stays exact.
//
//   value      0 .. 127 | 128 .. 255 | 256 .. 511 | 512 .. 1023 | ...
//   bucket width      1 |          1 |          2 |           4 | ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::bench {

class Histogram {
public:
    static constexpr unsigned kSubBits = 7;
    static constexpr unsigned kValueBits = 42;  // of nanoseconds: 73 minutes
    static constexpr uint64_t kMaxValue = (uint64_t{1} << kValueBits) - 1;
    static constexpr size_t kBuckets = size_t{kValueBits - kSubBits + 1} << kSubBits;

    Histogram() : counts_(kBuckets) {}

    void record(uint64_t value, uint64_t times = 1) {
        counts_[bucket_of(value < kMaxValue ? value : kMaxValue)] += times;
        count_ += times;
        sum_ += static_cast<double>(value) * static_cast<double>(times);
        if (value > max_) max_ = value;
    }
    void add(const Histogram& other);
    void clear();

    uint64_t count() const { return count_; }
    uint64_t max() const { return max_; }
    // Of the values themselves, not of the buckets; 0 when nothing was recorded.
    double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
    // The highest value of the bucket that holds the given share (0..100) of all, at most max().
    // 0 when nothing was recorded.
    uint64_t percentile(double percent) const;

    // Which bucket a value falls in, and the highest value of a bucket.
    static size_t bucket_of(uint64_t value);
    static uint64_t highest_of(size_t bucket);

private:
    std::vector<uint64_t> counts_;
    uint64_t count_ = 0;
    uint64_t max_ = 0;
    double sum_ = 0;
};

}  // namespace tidemark::bench
