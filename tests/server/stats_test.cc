#include "server/stats.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "cmd/command_table.h"

namespace tidemark::server {

TEST_CASE("server/histogram: every value is in the slot whose end is at most 1/32 above it") {
    for (unsigned bit = 0; bit < Histogram::kBits; ++bit) {
        for (int64_t around = -2; around <= 2; ++around) {
            uint64_t value = (uint64_t{1} << bit) + static_cast<uint64_t>(around);
            if (value > Histogram::kMax) continue;
            uint64_t end = Histogram::end_of(Histogram::slot_of(value));
            CAPTURE(value);
            CHECK(end >= value);
            CHECK(end - value <= value / 32);
            bool is_own_slot =
                value == 0 || Histogram::slot_of(value - 1) <= Histogram::slot_of(value);
            CHECK(is_own_slot);
        }
    }
}

TEST_CASE("server/histogram: percentiles are those of the sorted values, to a step") {
    Histogram histogram;
    std::mt19937_64 random(1);
    std::vector<uint64_t> values;
    for (int i = 0; i < 10'000; ++i) {
        values.push_back(random() % (uint64_t{1} << (random() % 33)));
        histogram.add(values.back());
    }
    std::sort(values.begin(), values.end());
    for (double percent : {1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
        auto at = static_cast<size_t>(percent / 100 * 10'000 + 0.5) - 1;
        uint64_t exact = values[at];
        CAPTURE(percent);
        CHECK(histogram.percentile(percent) >= exact);
        CHECK(histogram.percentile(percent) <= exact + exact / 32);
    }
    CHECK(Histogram().percentile(50) == 0);
}

TEST_CASE("server/histogram: what is larger than the largest is counted as the largest") {
    Histogram histogram;
    histogram.add(UINT64_MAX);
    CHECK(histogram.percentile(100) == Histogram::kMax);
}

TEST_CASE("server/stats: calls, failures, refusals and errors are counted apart") {
    cmd::CommandTable table = cmd::make_command_table();
    Stats stats(table, 0);
    const cmd::CommandSpec& get = *table.find_name("get");
    stats.begin_batch();
    stats.on_call(get, 0);
    stats.on_call(get, 1);
    stats.on_rejected(get);
    stats.on_error("WRONGTYPE");
    stats.on_error("WRONGTYPE");
    CHECK(stats.command(get).calls == 2);
    CHECK(stats.command(get).failed == 1);
    CHECK(stats.command(get).rejected == 1);
    CHECK(stats.command(get).latency_ns->total() == 2);
    CHECK(stats.total_calls() == 2);
    CHECK(stats.errors().at("WRONGTYPE") == 2);
    stats.reset();
    CHECK(stats.total_calls() == 0);
    CHECK(stats.errors().empty());
    CHECK(stats.total_errors() == 0);
}

TEST_CASE("server/stats: bytes count from the last reset on") {
    cmd::CommandTable table = cmd::make_command_table();
    Stats stats(table, 0);
    stats.set_net_bytes(100, 200);
    CHECK(stats.net_input_bytes() == 100);
    stats.reset();
    stats.set_net_bytes(150, 200);
    CHECK(stats.net_input_bytes() == 50);
    CHECK(stats.net_output_bytes() == 0);
}

TEST_CASE("server/stats: a rate is the average of the last sixteen samples") {
    Rate rate;
    int64_t now_us = 1'000'000;
    rate.sample(0, now_us);
    for (uint64_t total = 100; total <= 1'600; total += 100) {
        rate.sample(total, now_us += 100'000);
    }
    CHECK(rate.per_second() == doctest::Approx(1000));
}

TEST_CASE("server/ticks: a tick lasts as long as the clock says") {
    TickRate rate;
    rate.start(1'000, 0);
    rate.measure(1'000 + 3'000'000, 1'000'000);  // 3 ticks a microsecond
    CHECK(static_cast<double>(rate.ns(3'000)) == doctest::Approx(1'000'000).epsilon(0.001));
}

}  // namespace tidemark::server
