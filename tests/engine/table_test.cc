#include "engine/table.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "engine/entry_maker.h"
#include "engine/memory.h"

namespace tidemark::engine {
namespace {

// A sanitizer makes one trial cost a quarter of a second.
#ifdef TM_PLAIN_MALLOC
constexpr int kScanTrials = 40;
#else
constexpr int kScanTrials = 400;
#endif

struct Keys {
    HashSeed seed{1};
    Table table{seed};

    void insert(const std::string& name, int64_t value) {
        Entry* entry = EntryMaker::create(name, {Encoding::kInt, value, {}}, kNoExpiry);
        table.insert(entry, seed.hash(name), ExpiryMark::none());
    }
    const Entry* find(const std::string& name) const { return table.find(name, seed.hash(name)); }
    void erase(const std::string& name) {
        const uint64_t hash = seed.hash(name);
        EntryMaker::destroy(table.remove(table.locate(name, hash), hash));
    }
    void shrink() {
        while (table.wants_shrink()) table.merge_one();
    }
    std::string numbered(char kind, size_t i) { return kind + std::to_string(i); }
};

TEST_CASE("engine/table: agrees with std::unordered_map under random inserts and erases") {
    Keys keys;
    std::unordered_map<std::string, int64_t> model;
    Random random(3);
    // Waves: mostly inserts, then mostly erases, so that the table grows and shrinks.
    for (int step = 0; step < 400'000; ++step) {
        const bool is_filling = step / 50'000 % 2 == 0;
        const std::string name = "key:" + std::to_string(random.below(40'000));
        const auto known = model.find(name);
        const Entry* entry = keys.find(name);
        REQUIRE((entry != nullptr) == (known != model.end()));
        if (entry != nullptr) REQUIRE(entry->integer() == known->second);
        if (entry == nullptr && (is_filling || random.one_in(8))) {
            keys.insert(name, step);
            model[name] = step;
        } else if (entry != nullptr && (!is_filling || random.one_in(8))) {
            keys.erase(name);
            model.erase(known);
        }
        REQUIRE(keys.table.size() == model.size());
        if (random.one_in(16) && keys.table.wants_shrink()) keys.table.merge_one();
    }
    for (const auto& [name, value] : model) REQUIRE(keys.find(name)->integer() == value);
    for (const auto& [name, value] : model) keys.erase(name);
    keys.shrink();
    CHECK(keys.table.bucket_bytes() == sizeof(Bucket));
}

TEST_CASE("engine/table: everything is found after growing and shrinking past each window") {
    // 65,536 buckets are where the second window of hash bits begins.
    constexpr size_t kMany = 900'000;
    Keys keys;
    for (size_t i = 0; i < kMany; ++i) keys.insert(keys.numbered('k', i), static_cast<int64_t>(i));
    CHECK(keys.table.buckets() > 2 * 65'536);
    for (size_t i = 0; i < kMany; ++i) REQUIRE(keys.find(keys.numbered('k', i)) != nullptr);
    for (size_t i = 0; i < kMany; ++i) {
        if (i % 1000 != 0) keys.erase(keys.numbered('k', i));
    }
    keys.shrink();
    CHECK(keys.table.buckets() < 1024);
    for (size_t i = 0; i < kMany; i += 1000) {
        const Entry* entry = keys.find(keys.numbered('k', i));
        REQUIRE(entry != nullptr);
        REQUIRE(entry->integer() == static_cast<int64_t>(i));
    }
    // And up again from entries that a merge has marked.
    for (size_t i = 0; i < kMany; ++i) {
        if (i % 1000 != 0) keys.insert(keys.numbered('k', i), static_cast<int64_t>(i));
    }
    for (size_t i = 0; i < kMany; ++i) REQUIRE(keys.find(keys.numbered('k', i)) != nullptr);
}

TEST_CASE("engine/table: a scan of a table at rest sees every entry once") {
    for (const size_t count : std::initializer_list<size_t>{0, 1, 7, 8, 100, 1000, 20'000}) {
        Keys keys;
        for (size_t i = 0; i < count; ++i) keys.insert(keys.numbered('k', i), 0);
        std::map<std::string, int> seen;
        uint64_t cursor = 0;
        do {
            cursor = keys.table.scan_step(cursor, [&](const Table::Place& place) {
                ++seen[std::string(place.entry()->key())];
            });
        } while (cursor != 0);
        CHECK(seen.size() == count);
        for (const auto& [name, times] : seen) REQUIRE(times == 1);
    }
}

// Between two steps of a scan: grow by a lot, shrink by a lot, or leave it.
void disturb(Keys& keys, Random& random, std::vector<std::string>& passing, size_t& next) {
    switch (random.below(8)) {
        case 0:
            for (size_t i = random.below(3000); i != 0; --i) {
                passing.push_back(keys.numbered('p', next++));
                keys.insert(passing.back(), 0);
            }
            break;
        case 1:
            for (size_t i = random.below(passing.size() + 1); i != 0; --i) {
                std::swap(passing[random.below(passing.size())], passing.back());
                keys.erase(passing.back());
                passing.pop_back();
            }
            for (size_t i = random.below(400); i != 0 && keys.table.wants_shrink(); --i) {
                keys.table.merge_one();
            }
            break;
        case 2:
            keys.shrink();
            break;
        default:
            break;
    }
}

TEST_CASE("engine/table: a scan sees every key that stays, across growth and shrinking") {
    Random random(11);
    size_t bucket_counts_met = 0;
    for (int trial = 0; trial < kScanTrials; ++trial) {
        Keys keys;
        const size_t staying = random.below(300);
        for (size_t i = 0; i < staying; ++i) keys.insert(keys.numbered('s', i), 0);
        std::vector<std::string> passing;
        size_t next = 0;
        std::map<std::string, int> seen;
        uint64_t cursor = 0;
        size_t steps = 0;
        do {
            const size_t buckets = keys.table.buckets();
            disturb(keys, random, passing, next);
            if (keys.table.buckets() != buckets) ++bucket_counts_met;
            cursor = keys.table.scan_step(cursor, [&](const Table::Place& place) {
                ++seen[std::string(place.entry()->key())];
            });
            REQUIRE(++steps < 100'000);
        } while (cursor != 0);
        for (size_t i = 0; i < staying; ++i) REQUIRE(seen.contains(keys.numbered('s', i)));
    }
    CHECK(bucket_counts_met > static_cast<size_t>(kScanTrials) * 12);
}

TEST_CASE("engine/table: names that share one hash are kept apart") {
    Keys keys;
    constexpr uint64_t kHash = 0x1234'5678'9abc'def0;
    const auto add = [&](int i) {
        Entry* entry = EntryMaker::create(keys.numbered('c', static_cast<size_t>(i)),
                                          {Encoding::kInt, i, {}}, kNoExpiry);
        keys.table.insert(entry, kHash, 0);
    };
    for (int i = 0; i < 6; ++i) add(i);
    for (int i = 0; i < 6; ++i) {
        const Entry* entry = keys.table.find(keys.numbered('c', static_cast<size_t>(i)), kHash);
        REQUIRE(entry != nullptr);
        CHECK(entry->integer() == i);
    }
    CHECK(keys.table.find("c6", kHash) == nullptr);
}

#ifndef TM_PLAIN_MALLOC
TEST_CASE("engine/memory: the computed size of a block is the allocator's") {
    for (size_t bytes = 1; bytes <= kLargestClass; ++bytes) {
        // Below 16 the allocator has an 8-byte class, which no entry takes.
        if (bytes > 8) REQUIRE(block_size(bytes) == mi_good_size(bytes));
    }
    for (const size_t bytes : std::initializer_list<size_t>{200'000, 1'000'000, 50'000'000}) {
        CHECK(block_size(bytes) == mi_good_size(bytes));
    }
}
#endif

}  // namespace
}  // namespace tidemark::engine
