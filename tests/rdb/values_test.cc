// Every type and encoding: what a sink hears of sound ones, and what is said of others.
#include "tests/rdb/values.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/rdb/speller.h"

namespace tidemark::rdb {
namespace {

const Texts kPairs = {"a", "1", "b", "-70000"};

}  // namespace

TEST_CASE("rdb/values: lists in every encoding say the same") {
    const Texts texts = {"x", "5", "-300", std::string(300, 'y')};
    const std::string expected = fmt::format("list 4: x 5 -300 {}.", texts[3]);
    CHECK(spelt(1, strs(texts)) == expected);
    CHECK(spelt(10, str(ziplist(texts))) == expected);
    CHECK(spelt(10, lzf(ziplist(texts))) == expected);
    CHECK(spelt(14, length(2) + str(ziplist({"x", "5"})) + lzf(ziplist({"-300", texts[3]}))) ==
          expected);
    CHECK(spelt(18, length(3) + length(2) + str(listpack({"x", "5"})) + length(2) +
                        str(listpack({"-300"})) + length(1) + lzf(texts[3])) == expected);
}

TEST_CASE("rdb/values: sets in every encoding say the same") {
    CHECK(spelt(2, strs({"3", "70000"})) == "set 2: 3 70000.");
    CHECK(spelt(20, str(listpack({"3", "70000"}))) == "set 2: 3 70000.");
    CHECK(spelt(11, str(le(4, 4) + le(2, 4) + le(3, 4) + le(70'000, 4))) == "set 2: 3 70000.");
    CHECK(spelt(11, str(le(2, 4) + le(1, 4) + "\xff\xff")) == "set 1: -1.");
}

TEST_CASE("rdb/values: sorted sets in every encoding say the same") {
    const std::string expected = "zset 2: a=-inf b=1.5.";
    CHECK(spelt(3, length(2) + str("a") + "\xff" + str("b") + "\x03" + "1.5") == expected);
    CHECK(spelt(5, length(2) + str("a") + std::string("\0\0\0\0\0\0\xf0\xff", 8) + str("b") +
                       std::string("\0\0\0\0\0\0\xf8\x3f", 8)) == expected);
    CHECK(spelt(12, str(ziplist({"a", "-inf", "b", "1.5"}))) == expected);
    CHECK(spelt(17, str(listpack({"a", "-inf", "b", "1.5"}))) == expected);
    CHECK(spelt(3, length(1) + str("a") + "\xfe") == "zset 1: a=inf.");
    CHECK(spelt(17, str(listpack({"a", "7", "b", "1e300"}))) == "zset 2: a=7 b=1e+300.");
}

TEST_CASE("rdb/values: hashes in every encoding say the same") {
    const std::string expected = "hash 2: a=1 b=-70000.";
    CHECK(spelt(4, length(2) + str("a") + str("1") + str("b") + str("-70000")) == expected);
    CHECK(spelt(13, str(ziplist(kPairs))) == expected);
    CHECK(spelt(16, str(listpack(kPairs))) == expected);
    CHECK(spelt(9, str(zipmap(kPairs, 2))) == expected);
    CHECK(spelt(9, str(zipmap(kPairs, 254))) == expected);
    CHECK(spelt(9, str(zipmap(kPairs, 255))) == expected + " !zipmap-count");
    const std::string large(400, 'v');
    CHECK(spelt(9, str(zipmap({"f", large}, 1))) == fmt::format("hash 1: f={}.", large));
}

TEST_CASE("rdb/values: fields that expire, in the five forms of two servers") {
    const std::string expected = "hash 2: a=1@1700000000005 b=2.";
    constexpr uint64_t kTime = 1'700'000'000'005;
    CHECK(spelt(22, length(2) + length(kTime) + str("a") + str("1") + length(0) + str("b") +
                        str("2")) == expected);
    CHECK(spelt(23, str(listpack({"a", "1", std::to_string(kTime), "b", "2", "0"}))) == expected);
    CHECK(spelt(24, le(kTime - 4, 8) + length(2) + length(5) + str("a") + str("1") + length(0) +
                        str("b") + str("2")) == expected);
    CHECK(spelt(25, le(kTime, 8) + str(listpack({"a", "1", std::to_string(kTime), "b", "2",
                                                 "0"}))) == expected);
    CHECK(spelt(22,
                length(2) + str("a") + str("1") + le(kTime, 8) + str("b") + str("2") +
                    le(UINT64_MAX, 8),
                "VALKEY080") == expected);
}

TEST_CASE("rdb/values: a module's value is passed over and named") {
    // Each opcode once.
    const std::string value = "\x81" + be(0x45e25238df912c03, 8) +
                              std::string("\x02\x05\x01\x07\x03zzzz\x04zzzzzzzz\x05\x02hi\0", 23);
    CHECK(spelt(7, value) == "module ReJSON-RL 32 bytes. !module-opaque");
    CHECK(fault(7, "\x81" + be(0x45e25238df912c03, 8) + "\x06") ==
          "bad-encoding: 6 is no opcode of a module's data");
}

TEST_CASE("rdb/values: what is empty is handed on with a warning") {
    CHECK(spelt(1, length(0)) == "list 0:. !empty-aggregate");
    CHECK(spelt(2, length(0)) == "set 0:. !empty-aggregate");
    CHECK(spelt(4, length(0)) == "hash 0:. !empty-aggregate");
    CHECK(spelt(5, length(0)) == "zset 0:. !empty-aggregate");
    CHECK(spelt(9, str(zipmap({}, 0))) == "hash 0:. !empty-packed");
    CHECK(spelt(10, str(ziplist({}))) == "list 0:. !empty-aggregate");
    CHECK(spelt(11, str(le(2, 4) + le(0, 4))) == "set 0:. !empty-packed");
    CHECK(spelt(16, str(listpack({}))) == "hash 0:. !empty-aggregate");
    CHECK(spelt(18, length(1) + length(2) + str(listpack({}))) ==
          "list 0:. !empty-aggregate !empty-aggregate");
}

TEST_CASE("rdb/values: the same member, field or element twice is found, and which") {
    CHECK(fault(2, strs({"a", "b", "a"})) ==
          "duplicate-element@2: member 'a' is there a second time");
    CHECK(fault(20, str(listpack({"7", "7"}))) ==
          "duplicate-element@1: member '7' is there a second time");
    CHECK(fault(17, str(listpack({"a", "1", "a", "2"}))) ==
          "duplicate-element@1: member 'a' is there a second time");
    CHECK(fault(4, length(2) + str("f") + str("1") + "\xc0\x07" + str("2")) ==
          "sound: hash 2: f=1 7=2.");
    CHECK(fault(4, length(2) + str("7") + str("1") + "\xc0\x07" + str("2")) ==
          "duplicate-element@1: field '7' is there a second time");
    CHECK(fault(9, str(zipmap({"f", "1", "f", "2"}, 2))) ==
          "duplicate-element@1: field 'f' is there a second time");
}

TEST_CASE("rdb/values: many members are all compared") {
    Texts members;
    for (int i = 0; i < 5000; ++i) members.push_back("member" + std::to_string(i));
    CHECK(Spelt(2, strs(members)).summary);
    members[4321] = "member17";
    CHECK(fault(2, strs(members)) ==
          "duplicate-element@4321: member 'member17' is there a second time");
}

TEST_CASE("rdb/values: scores that are none are refused") {
    CHECK(fault(3, length(1) + str("a") + "\xfd") ==
          "nan-score@0: the score of a member is not a number");
    CHECK(fault(3, length(1) + str("a") + "\x03" + "1x5") == "bad-score@0: '1x5' is not a score");
    CHECK(fault(5, length(1) + str("a") + std::string("\0\0\0\0\0\0\xf8\x7f", 8)) ==
          "nan-score@0: the score of a member is not a number");
    CHECK(fault(17, str(listpack({"a", "one"}))) == "bad-score@0: 'one' is not a score");
    CHECK(fault(12, str(ziplist({"a", "nan"}))) ==
          "nan-score@0: the score of a member is not a number");
}

TEST_CASE("rdb/values: what does not belong together by two or three is refused") {
    CHECK(fault(16, str(listpack({"a", "1", "b"}))) ==
          "bad-encoding: 3 elements do not belong together by 2");
    CHECK(fault(12, str(ziplist({"a"}))) == "bad-encoding: 1 elements do not belong together by 2");
    CHECK(fault(25, le(0, 8) + str(listpack({"a", "1"}))) ==
          "bad-encoding: 2 elements do not belong together by 3");
}

TEST_CASE("rdb/values: scores out of order load, with a warning") {
    CHECK(spelt(17, str(listpack({"a", "2", "b", "1"}))) == "zset 2: a=2 b=1. !score-order");
    CHECK(spelt(5, length(2) + str("a") + std::string("\0\0\0\0\0\0\xf8\x3f", 8) + str("b") +
                       std::string(8, '\0')) == "zset 2: a=1.5 b=0.");
}

TEST_CASE("rdb/values: intsets of wrong width, size or order are refused") {
    CHECK(fault(11, str(le(3, 4) + le(1, 4) + "abc")) ==
          "bad-encoding: an intset's members cannot have 3 bytes");
    CHECK(fault(11, str(le(2, 4) + le(2, 4) + "ab")) ==
          "bad-encoding: an intset of 2 members of 2 bytes has 10 bytes instead of 12");
    CHECK(fault(11, str(le(2, 4) + le(2, 4) + le(5, 2) + le(4, 2))) ==
          "bad-order@1: the intset is not ascending: 5 is before 4");
    CHECK(fault(11, str("abc")) == "bad-encoding: an intset of 3 bytes has no room for its header");
}

TEST_CASE("rdb/values: a field's expiry has a range, and an order where the form has one") {
    constexpr uint64_t kMax = (uint64_t{1} << 48) - 1;
    CHECK(spelt(22, length(1) + length(kMax) + str("a") + str("1")) ==
          fmt::format("hash 1: a=1@{}.", kMax));
    CHECK(fault(22, length(1) + length(kMax + 1) + str("a") + str("1")) ==
          fmt::format("bad-expiry@0: {} is no time at which a field can expire", kMax + 1));
    CHECK(fault(24, le(kMax, 8) + length(1) + length(2) + str("a") + str("1")) ==
          fmt::format("bad-expiry@0: {} is no time at which a field can expire", kMax + 1));
    CHECK(fault(25, le(5, 8) + str(listpack({"a", "1", "x"}))) ==
          "bad-expiry@0: x is no time at which a field can expire");
    CHECK(fault(25, le(5, 8) + str(listpack({"a", "1", "-5"}))) ==
          "bad-expiry@0: -5 is no time at which a field can expire");
    const std::string order =
        "bad-order@1: the fields are not by rising time, those without at the end";
    CHECK(fault(25, le(5, 8) + str(listpack({"a", "1", "9", "b", "2", "5"}))) == order);
    CHECK(fault(25, le(5, 8) + str(listpack({"a", "1", "0", "b", "2", "5"}))) == order);
    CHECK(fault(22, length(1) + str("a") + str("1") + le(static_cast<uint64_t>(-2), 8),
                "VALKEY080") == "bad-expiry@0: -2 is no time at which a field can expire");
}

TEST_CASE("rdb/values: a ziplist is checked from its header to its tail") {
    const std::string good = ziplist({"a", "b"});
    const auto with = [&](size_t at, char byte) {
        std::string bytes = good;
        bytes[at] = byte;
        return fault(10, str(bytes));
    };
    REQUIRE(good.size() == 17);
    CHECK(with(0, 16) == "bad-encoding: the ziplist says that it has 16 bytes, and has 17");
    CHECK(with(4, 10) ==
          "bad-encoding@1: the ziplist says that its last entry is at 10, and it is at 13");
    CHECK(with(8, 3) == "bad-encoding@1: the ziplist says that it has 3 elements, and has 2");
    CHECK(with(13, 2) ==
          "bad-encoding@1: an entry says that the one before has 2 bytes, which has 3");
    CHECK(with(14, 9) == "bad-encoding@1: an element crosses the ziplist's end");
    CHECK(with(11, '\xc1') == "bad-encoding@0: 0x00 does not begin an entry of the ziplist");
    CHECK(with(16, 0) == "bad-encoding@1: the ziplist does not end with its terminator");
    CHECK(fault(10, str("")) == "bad-encoding: a ziplist of 0 bytes has no room for its header");
}

TEST_CASE("rdb/values: the long form of a short length before is legal in a ziplist") {
    const std::string entries = ziplist_entry(0, "a") + "\xfe" + le(3, 4) + "\x01" + "b";
    const std::string bytes =
        le(10 + entries.size() + 1, 4) + le(13, 4) + le(2, 2) + entries + "\xff";
    CHECK(spelt(10, str(bytes)) == "list 2: a b.");
}

TEST_CASE("rdb/values: more elements than a packed header can count are counted by walking") {
    const Texts many(70'000, "7");
    for (const std::string& value : {str(listpack(many)), lzf(listpack(many))}) {
        const Spelt read(18, length(1) + length(2) + value);
        REQUIRE(read.summary);
        CHECK(read.said.text.starts_with("list 70000: 7 7"));
    }
    const Spelt read(10, str(ziplist(many)));
    REQUIRE(read.summary);
    CHECK(read.said.text.starts_with("list 70000: 7 7"));
}

TEST_CASE("rdb/values: a quicklist's containers and nodes are checked") {
    CHECK(fault(18, length(1) + length(3) + str("a")) ==
          "bad-encoding@0: 3 is no container of a quicklist's node");
    CHECK(fault(18, length(1) + length(2) + str("")) ==
          "bad-encoding@0: a listpack of 0 bytes has no room for its header");
    CHECK(fault(18, length(2) + length(2) + str(listpack({"a"})) + length(2) + str("abcdefg")) ==
          "bad-encoding@1: the listpack says that it has 1684234849 bytes, and has 7");
    CHECK(spelt(18, length(2) + length(2) + str(listpack({})) + length(1) + str("a")) ==
          "list 1: a. !empty-aggregate");
    CHECK(fault(18, length(2) + length(2) + str(listpack({"a"})) + length(1) + str("")) ==
          "bad-encoding@1: a node of the quicklist is an empty element");
}

TEST_CASE("rdb/values: a zipmap is checked to its end") {
    CHECK(fault(9, str("\1")) == "bad-encoding: a zipmap has no room for its count and its end");
    CHECK(fault(9, str(zipmap(kPairs, 3))) ==
          "bad-encoding@1: the zipmap says that it has 3 fields, and has 2");
    std::string bytes = zipmap(kPairs, 2);
    bytes.back() = 'x';
    CHECK(fault(9, str(bytes)) == "bad-encoding@1: the zipmap does not end with its terminator");
    bytes = zipmap(kPairs, 2);
    bytes[1] = 100;
    CHECK(fault(9, str(bytes)) == "bad-encoding@0: a zipmap's field crosses its end");
    bytes[1] = '\xff';
    CHECK(fault(9, str(bytes)) == "bad-encoding@0: a zipmap ends inside, or before its end");
}

TEST_CASE("rdb/values: a HyperLogLog that is inconsistent loads, with a warning") {
    const std::string head = "HYLL" + std::string(1, '\1') + std::string(11, '\0');
    const std::string sparse = head + "\x7f\xff";
    CHECK(Spelt(0, str(sparse)).said.warnings.empty());
    CHECK(Spelt(0, str(head + "\x7f\xfe")).said.warnings == Texts{"hyperloglog"});
    const std::string dense = "HYLL" + std::string(12 + 12'288, '\0');
    CHECK(Spelt(0, str(dense)).said.warnings.empty());
    CHECK(Spelt(0, str(dense + "x")).said.warnings == Texts{"hyperloglog"});
    CHECK(Spelt(0, str("HYLLO, this is just a text")).said.warnings.empty());
}

TEST_CASE("rdb/values: types and lengths that a writer would not choose load, with a warning") {
    CHECK(spelt(20, str(listpack({"a"})), "REDIS0010") == "set 1: a. !type-newer-than-version");
    CHECK(spelt(0, "\x40\x01v") == "string v. !non-canonical");
    CHECK(spelt(0, std::string("\x80\0\0\0\x01v", 6)) == "string v. !non-canonical");
}

}  // namespace tidemark::rdb
