// The parts that count: histograms, lists of the largest, totals, slots, and words for them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tools/rdb_check/report/bins.h"
#include "tools/rdb_check/report/csv.h"
#include "tools/rdb_check/report/slots.h"
#include "tools/rdb_check/report/statistics.h"
#include "tools/rdb_check/report/top_keys.h"
#include "tools/rdb_check/report/totals.h"
#include "tools/rdb_check/report/words.h"

namespace tidemark::rdb_check {

namespace {

KeyFigures key_of(std::string_view name, uint64_t bytes, uint64_t db = 0,
                  std::string_view type = "string") {
    KeyFigures key;
    key.db = db;
    key.name = name;
    key.name_bytes = name.size();
    key.type = type;
    key.encoding = "raw";
    key.amounts = {1, 1, bytes, bytes, bytes};
    return key;
}

uint64_t count_in(const BinCounts& counts, std::string_view label) {
    for (size_t i = 0; i < counts.bins().size(); ++i) {
        if (counts.bins()[i].label == label) return counts.counts()[i].count;
    }
    return UINT64_MAX;
}

}  // namespace

TEST_CASE("rdb_report/bins: bins are in order, and every value lies in one") {
    for (const auto bins : {ttl_bins(), idle_bins(), freq_bins(), size_bins()}) {
        for (size_t i = 1; i < bins.size(); ++i) CHECK(bins[i - 1].low < bins[i].low);
        BinCounts counts(bins);
        for (const int64_t value : {INT64_MIN, int64_t{-1}, int64_t{0}, INT64_MAX})
            counts.add(value, 1);
        CHECK(counts.total() == 4);
        CHECK(counts.counts().back().count == 1);
    }
}

TEST_CASE("rdb_report/bins: a bin holds its lower end and not its upper one") {
    BinCounts ttl(ttl_bins());
    for (const int64_t ms : {-1, 0, 59'999, 60'000, 3'599'999}) ttl.add(ms, 10);
    CHECK(count_in(ttl, "over") == 1);
    CHECK(count_in(ttl, "<1m") == 2);
    CHECK(count_in(ttl, "<10m") == 1);
    CHECK(count_in(ttl, "<1h") == 1);
    BinCounts freq(freq_bins());
    for (int i = 0; i < 256; ++i) freq.add(i, 0);
    CHECK(count_in(freq, "5") == 1);
    CHECK(count_in(freq, "200-255") == 56);
}

TEST_CASE("rdb_report/top: the largest are kept, of equals the first") {
    TopKeys top(3);
    uint64_t order = 0;
    for (const uint64_t bytes : {5U, 9U, 7U, 9U, 1U, 7U, 9U})
        top.add(key_of(fmt::format("k{}", order), bytes), bytes, order), ++order;
    std::string names;
    for (const TopKey& key : top.sorted()) names += key.name + " ";
    CHECK(names == "k1 k3 k6 ");
}

TEST_CASE("rdb_report/top: a long name is kept by its beginning and its length") {
    TopKeys top(1);
    const std::string name(kReportNameMax, 'n');
    KeyFigures key = key_of(name, 1);
    key.name_bytes = 500'000'000;
    top.add(key, 1, 0);
    CHECK(top.sorted()[0].name.size() == kTopNameMax);
    CHECK(top.sorted()[0].name_bytes == 500'000'000);
}

TEST_CASE("rdb_report/totals: sums by type, encoding and db agree with all rows") {
    Totals totals;
    for (int i = 0; i < 90; ++i) {
        KeyFigures key = key_of("k", 10, static_cast<uint64_t>(i % 3), i % 2 ? "hash" : "list");
        if (i % 5 == 0) key.expire_at_ms = 1;
        totals.add(key);
    }
    CHECK(totals.rows().size() == 6);
    for (const auto& rows :
         {totals.rows(), totals.by_type(), totals.by_encoding(), totals.by_db()}) {
        Amounts sum;
        uint64_t expiring = 0;
        for (const TotalRow& row : rows) sum.add(row.amounts), expiring += row.expiring;
        CHECK(sum == Amounts{90, 90, 900, 900, 900});
        CHECK(expiring == 18);
    }
}

TEST_CASE("rdb_report/totals: a database a key does not take memory a key") {
    Totals totals;
    constexpr uint64_t kKeys = 3 * kTotalRowsMax;
    for (uint64_t db = 0; db < kKeys; ++db) totals.add(key_of("k", 1, db));
    CHECK(totals.rows().size() == kTotalRowsMax + 1);
    CHECK(totals.rows().back().db == kOtherDbs);
    CHECK(totals.rows().back().amounts.keys == kKeys - kTotalRowsMax);
}

TEST_CASE("rdb_report/slots: groups and the fullest add up to all") {
    SlotLoads slots;
    for (int i = 0; i < 1000; ++i) slots.add(static_cast<uint16_t>(i * 37 % kSlots), 10);
    slots.add(100, 5000);
    uint64_t keys = 0;
    for (const SlotLoad& group : slots.grouped(64)) keys += group.keys;
    CHECK(keys == 1001);
    CHECK(slots.fullest(1)[0].slot == 100);
    CHECK(slots.fullest(20'000).size() == slots.used());
}

TEST_CASE("rdb_report/statistics: remaining times at both ends of time do not wrap") {
    StatisticsOptions options;
    options.now_ms = 1'800'000'000'000;
    Statistics statistics(options);
    for (const int64_t at : {INT64_MIN, int64_t{-1}, int64_t{1}, options.now_ms, INT64_MAX}) {
        KeyFigures key = key_of("k", 1);
        key.expire_at_ms = at;
        statistics.add(key);
    }
    CHECK(count_in(statistics.ttl(), "over") == 3);
    CHECK(count_in(statistics.ttl(), "1y+") == 1);
    CHECK(statistics.expired_now().keys == 4);
    CHECK(statistics.expiring() == 5);
}

TEST_CASE("rdb_report/statistics: remaining time is counted from the dump's writing") {
    StatisticsOptions options;
    options.now_ms = 1'800'000'000'000;
    Statistics statistics(options);
    statistics.set_created_ms(1'700'000'000'000);
    KeyFigures key = key_of("k", 1);
    key.expire_at_ms = 1'700'000'030'000;
    statistics.add(key);
    CHECK(count_in(statistics.ttl(), "<1m") == 1);
    CHECK(statistics.expired_now().keys == 1);
}

TEST_CASE("rdb_report/words: numbers in groups, times, shares") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(UINT64_MAX) == "18,446,744,073,709,551,615");
    CHECK(percent(1, 3) == "33.3 %");
    CHECK(percent(1, 0) == "0 %");
    CHECK(utc(1'700'000'000) == "2023-11-14 22:13:20 UTC");
    CHECK(utc(INT64_MAX) == "9223372036854775807");
    CHECK(utc(-1) == "-1");
}

TEST_CASE("rdb_report/csv: names stay one field, and no formula") {
    CHECK(csv_name("a,b\"c\nd") == "\"a,b\"\"c\\x0ad\"");
    CHECK(csv_name("=1+1") == "\"'=1+1\"");
    CHECK(csv_name("") == "\"\"");
    CHECK(csv_name("\"\"") == "\"\"\"\"\"\"");
}

}  // namespace tidemark::rdb_check
