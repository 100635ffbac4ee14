#include "base/random.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

using tidemark::Random;

TEST_CASE("base/random: the same seed gives the same numbers, another one others") {
    Random a(1);
    Random b(1);
    Random c(2);
    int same_as_c = 0;
    for (int i = 0; i < 100; ++i) {
        const uint64_t next = a.next();
        CHECK(next == b.next());
        if (next == c.next()) ++same_as_c;
    }
    CHECK(same_as_c == 0);
}

TEST_CASE("base/random: below() stays below and reaches everything") {
    Random random(9);
    std::array<int, 7> hits{};
    for (int i = 0; i < 70'000; ++i) {
        const uint64_t value = random.below(hits.size());
        REQUIRE(value < hits.size());
        ++hits[value];
    }
    for (const int count : hits) {
        CHECK(count > 9'000);
        CHECK(count < 11'000);
    }
    CHECK(random.below(1) == 0);
}

TEST_CASE("base/random: the kernel's seeds differ") {
    CHECK(tidemark::random_seed_from_kernel() != tidemark::random_seed_from_kernel());
}
