#include "rdb/codec/unique.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace tidemark::rdb {
namespace {

class SortedSpill final : public UniqueSpill {
public:
    Status begin() override {
        hashes.clear();
        ++begun;
        return {};
    }
    Status add(const Hash128& hash) override {
        hashes.push_back(hash);
        return {};
    }
    Result<bool> all_different() override {
        std::sort(hashes.begin(), hashes.end());
        return std::adjacent_find(hashes.begin(), hashes.end()) == hashes.end();
    }
    std::vector<Hash128> hashes;
    int begun = 0;
};

Hash128 hash_of(int i) {
    return hash128("member" + std::to_string(i));
}

}  // namespace

TEST_CASE("rdb/unique: what comes twice is told at once, whatever came between") {
    Unique unique;
    for (const int count : {0, 1, 23, 24, 25, 1000, 50'000}) {
        unique.begin();
        for (int i = 0; i < count; ++i) CHECK(unique.add(hash_of(i)).value());
        for (int i = 0; i < count; i += 97) CHECK_FALSE(unique.add(hash_of(i)).value());
        CHECK(unique.finish().value());
    }
}

TEST_CASE("rdb/unique: collections know nothing of each other") {
    Unique unique;
    for (int round = 0; round < 3; ++round) {
        unique.begin();
        CHECK_FALSE(unique.contains(hash_of(1)));
        CHECK(unique.add(hash_of(1)).value());
        CHECK(unique.contains(hash_of(1)));
    }
}

TEST_CASE("rdb/unique: a hash of zero is one like others") {
    Unique unique;
    unique.begin();
    CHECK(unique.add({}).value());
    CHECK_FALSE(unique.add({}).value());
    CHECK(unique.contains({}));
}

TEST_CASE("rdb/unique: beyond its bound all goes to the spill, and the answer comes at the end") {
    SortedSpill spill;
    Unique unique(&spill, 128);
    unique.begin();
    for (int i = 0; i < 96; ++i) CHECK(unique.add(hash_of(i)).value());
    CHECK_FALSE(unique.is_spilled());
    for (int i = 96; i < 500; ++i) CHECK(unique.add(hash_of(i)).value());
    CHECK(unique.is_spilled());
    CHECK(spill.hashes.size() == 500);
    CHECK(unique.finish().value());
    CHECK(unique.add(hash_of(3)).value());
    CHECK_FALSE(unique.finish().value());
    unique.begin();
    CHECK_FALSE(unique.is_spilled());
    CHECK(spill.begun == 1);
}

TEST_CASE("rdb/unique: what came before the spill is compared with what came after") {
    SortedSpill spill;
    Unique unique(&spill, 128);
    unique.begin();
    for (int i = 0; i < 200; ++i) CHECK(unique.add(hash_of(i)).value());
    CHECK(unique.add(hash_of(0)).value());
    CHECK_FALSE(unique.finish().value());
}

}  // namespace tidemark::rdb
