// Tests of bench/histogram.cc.
#include "bench/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

using tidemark::Random;
using tidemark::bench::Histogram;

TEST_CASE("bench/histogram: buckets follow each other without gap or overlap") {
    for (size_t bucket = 0; bucket + 1 < Histogram::kBuckets; bucket++) {
        const uint64_t last = Histogram::highest_of(bucket);
        REQUIRE(Histogram::bucket_of(last) == bucket);
        REQUIRE(Histogram::bucket_of(last + 1) == bucket + 1);
    }
    CHECK(Histogram::highest_of(Histogram::kBuckets - 1) == Histogram::kMaxValue);
}

TEST_CASE("bench/histogram: a percentile is never below the true one and at most 1/128 above") {
    Random random(7);
    std::vector<uint64_t> values;
    Histogram histogram;
    for (int i = 0; i < 20'000; i++) {
        const uint64_t value = random.next() >> (24 + random.below(40));
        values.push_back(value);
        histogram.record(value);
    }
    std::sort(values.begin(), values.end());
    for (const size_t place : {1, 100, 5'000, 10'000, 19'800, 19'980, 20'000}) {
        const uint64_t exact = values[place - 1];
        const uint64_t said = histogram.percentile(static_cast<double>(place) / 200.0);
        CHECK(said >= exact);
        CHECK(said <= exact + exact / 128 + 1);
    }
}

TEST_CASE("bench/histogram: percentiles rise and end at the maximum") {
    Random random(8);
    Histogram histogram;
    for (int i = 0; i < 1'000; i++) histogram.record(random.below(5'000'000));
    uint64_t before = 0;
    for (double percent = 0; percent <= 100; percent += 0.1) {
        CHECK(histogram.percentile(percent) >= before);
        before = histogram.percentile(percent);
    }
    CHECK(histogram.percentile(100) == histogram.max());
}

TEST_CASE("bench/histogram: counts add up over repeats and merges") {
    Histogram one;
    Histogram other;
    one.record(10, 5);
    other.record(1'000'000, 3);
    one.add(other);
    CHECK(one.count() == 8);
    CHECK(one.max() == 1'000'000);
    CHECK(one.percentile(50) == 10);
    one.clear();
    CHECK(one.count() == 0);
    CHECK(one.percentile(99) == 0);
}

TEST_CASE("bench/histogram: a value past the range is counted and its maximum stays exact") {
    Histogram histogram;
    histogram.record(UINT64_MAX);
    CHECK(histogram.count() == 1);
    CHECK(histogram.max() == UINT64_MAX);
    CHECK(histogram.percentile(100) == Histogram::kMaxValue);
}
