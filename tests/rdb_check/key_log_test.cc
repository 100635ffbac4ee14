#include "tools/dump_diff/key_log.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "base/random.h"

namespace tidemark::rdb_check {
namespace {

using Pairs = std::vector<std::pair<uint64_t, uint64_t>>;

Pairs equal_pairs(KeyLog& log, unsigned threads = 1) {
    Pairs pairs;
    const auto note = [&](uint64_t first, uint64_t later) {
        pairs.emplace_back(first, later);
        return Status{};
    };
    const Status status = log.find_equal(note, threads);
    REQUIRE(status);
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

TEST_CASE("rdb_check/key_log: names are the same only with the same db") {
    KeyLog log(1 << 20, "/tmp");
    KeyLogBatch batch(log);
    for (const auto& [db, name, offset] :
         std::vector<std::tuple<uint64_t, std::string_view, uint64_t>>{
             {0, "a", 30}, {1, "a", 20}, {0, "b", 10}, {0, "a", 5}, {0, "a", 40}, {0, "", 1}}) {
        CHECK(batch.add(db, name, offset));
    }
    CHECK(batch.flush());
    CHECK(equal_pairs(log) == Pairs{{5, 30}, {5, 40}});
}

TEST_CASE(
    "rdb_check/key_log: in memory or on disk, from one thread or two, the pairs are the same") {
    Random random(3);
    std::vector<KeyPlace> places;
    std::map<uint64_t, uint64_t> firsts;
    Pairs expected;
    for (uint64_t i = 0; i < 600'000; ++i) {
        const uint64_t hash = hash_key(0, std::to_string(random.below(3'000'000)));
        places.push_back({hash, i});
        const auto [first, is_new] = firsts.emplace(hash, i);
        if (!is_new) expected.emplace_back(first->second, i);
    }
    std::sort(expected.begin(), expected.end());
    CHECK(expected.size() > 1000);
    for (const uint64_t memory : {uint64_t{64} << 20, uint64_t{4} << 20, uint64_t{0}}) {
        KeyLog log(memory, "/tmp");
        const std::vector<KeyPlace> front(places.begin(), places.begin() + 250'000);
        const std::vector<KeyPlace> back(places.begin() + 250'000, places.end());
        std::thread other([&] { CHECK(log.add(back)); });
        CHECK(log.add(front));
        other.join();
        CHECK(log.size() == places.size());
        CHECK((log.bytes_on_disk() > 0) == (memory < 16 * places.size()));
        CHECK(log.bytes_on_disk() <= 16 * places.size());
        CHECK(equal_pairs(log, memory == 0 ? 1 : 2) == expected);
    }
}

TEST_CASE("rdb_check/key_log: one partition that holds everything is looked through in passes") {
    KeyLog log(0, "/tmp");
    std::vector<KeyPlace> places;
    constexpr uint64_t kPlaces = 600'000;
    for (uint64_t i = 0; i < kPlaces; ++i) places.push_back({(i % (kPlaces - 3)) << 20, i});
    CHECK(log.add(places));
    CHECK(equal_pairs(log) == Pairs{{0, kPlaces - 3}, {1, kPlaces - 2}, {2, kPlaces - 1}});
}

}  // namespace
}  // namespace tidemark::rdb_check
