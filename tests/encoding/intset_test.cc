#include "engine/encoding/intset.h"

#include <doctest/doctest.h>

#include <limits>

namespace tidemark::encoding {
namespace {

using Members = std::vector<int64_t>;

Members members_of(std::string_view bytes) {
    Members members;
    const Intset set(bytes);
    for (size_t i = 0; i < set.size(); ++i) members.push_back(set[i]);
    return members;
}

}  // namespace

TEST_CASE("encoding/intset: the narrowest width that holds all members is taken") {
    CHECK(build_intset({-32768, 32767}).size() == 8 + 2 * 2);
    CHECK(build_intset({-32769, 1}).size() == 8 + 2 * 4);
    CHECK(build_intset({1, 32768}).size() == 8 + 2 * 4);
    CHECK(build_intset({-1, int64_t{1} << 31}).size() == 8 + 2 * 8);
    CHECK(build_intset({1, 2}) == std::string("\2\0\0\0\2\0\0\0\1\0\2\0", 12));
}

TEST_CASE("encoding/intset: what was built is sound and comes back") {
    constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
    constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
    for (const Members& members : {Members{}, Members{7}, Members{-32768, -1, 0, 32767},
                                   Members{-70'000, 70'000}, Members{kMin, 0, kMax}}) {
        const std::string bytes = build_intset(members);
        CHECK(check_intset(bytes) == members.size());
        CHECK(members_of(bytes) == members);
    }
}

TEST_CASE("encoding/intset: width, size and order are checked") {
    std::string bytes = build_intset({1, 2, 3});
    bytes[0] = 3;
    CHECK(check_intset(bytes).error().what == "an intset's members cannot have 3 bytes");
    bytes = build_intset({1, 2, 3});
    bytes[4] = 4;
    CHECK(check_intset(bytes).error().what ==
          "an intset of 4 members of 2 bytes has 14 bytes instead of 16");
    bytes = build_intset({1, 2, 3});
    bytes[10] = 1;
    CHECK(check_intset(bytes).error().what == "the intset is not ascending: 1 is before 1");
    CHECK(check_intset(bytes).error().offset == 10);
}

TEST_CASE("encoding/intset: a count that overflows is refused") {
    std::string bytes = build_intset({1});
    bytes.replace(0, 8, std::string("\x08\0\0\0\xff\xff\xff\xff", 8));
    CHECK_FALSE(check_intset(bytes));
}

TEST_CASE("encoding/intset: cut anywhere it is refused") {
    const std::string bytes = build_intset({-5, 70'000, int64_t{1} << 40});
    for (size_t length = 0; length < bytes.size(); ++length)
        CHECK_FALSE(check_intset(bytes.substr(0, length)));
}

TEST_CASE("encoding/intset: a flipped bit is refused or leaves an ascending set") {
    const std::string bytes = build_intset({-5, 70'000, 80'000});
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        if (!check_intset(damaged)) continue;
        const Members members = members_of(damaged);
        CHECK(members.size() == 3);
        CHECK((members[0] < members[1] && members[1] < members[2]));
    }
}

}  // namespace tidemark::encoding
