// Streams: entries, groups, producers, and every way in which they can contradict themselves.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/rdb/speller.h"
#include "tests/rdb/values.h"

namespace tidemark::rdb {
namespace {

// A stream of one node with two entries, which a test spoils.
struct Stream {
    std::string master_id = stream_id(1000, 0);
    // Two live, none deleted; one field, "f". The first entry has the master's fields; the second
    // its own two.
    Texts node = {"2", "0", "1",  "f", "0",  //
                  "2", "0", "0",  "v", "4",  //
                  "0", "5", "-1", "2", "a", "1", "b", "2", "8"};
    std::string last_id = length(1005) + length(UINT64_MAX);
    uint64_t live = 2;
    std::string pending = stream_id(1000, 0) + le(77, 8) + length(3);
    uint64_t pending_count = 1;
    std::string owned = stream_id(1000, 0);
    std::string groups;  // instead of the usual one

    std::string nodes() const { return length(1) + str(master_id) + str(listpack(node)); }
    std::string group(std::string_view name = "g") const {
        return str(name) + length(1000) + length(0) + length(7) + length(pending_count) + pending +
               length(1) + str("c") + le(88, 8) + le(99, 8) + length(owned.size() / 16) + owned;
    }
    std::string bytes() const {
        return nodes() + length(live) + last_id + length(1000) + length(0) + length(0) + length(0) +
               length(2) + (groups.empty() ? length(1) + group() : groups);
    }
};

constexpr int kType = 21;

std::string with(void (*spoil)(Stream&)) {
    Stream stream;
    spoil(stream);
    return fault(kType, stream.bytes());
}

std::string warned(void (*spoil)(Stream&)) {
    Stream stream;
    spoil(stream);
    const Spelt read(kType, stream.bytes());
    REQUIRE(read.summary);
    return read.said.warnings.empty() ? "" : read.said.warnings[0];
}

// {-1 as seq delta on master 1000-0} wraps to the largest.
constexpr std::string_view kEntries =
    "stream 1: 1000-0(1) f=v 1005-18446744073709551615(2) a=1 b=2";

}  // namespace

TEST_CASE("rdb/stream: entries, state and groups are handed on") {
    CHECK(spelt(kType, Stream().bytes()) ==
          fmt::format("{} | 2 last 1005-18446744073709551615 first 1000-0 deleted 0-0 added 2 | "
                      "group g 1000-0 read 7: 1000-0 3x 1 consumers c 88/99 1000-0.",
                      kEntries));
}

TEST_CASE("rdb/stream: earlier forms say less, and what they leave out follows from the data") {
    const Stream stream;
    CHECK(spelt(15, stream.nodes() + length(2) + stream.last_id + length(1) + str("g") +
                        length(1000) + length(0) + length(0) + length(1) + str("c") + le(88, 8) +
                        length(0)) ==
          fmt::format("{} | 2 last 1005-18446744073709551615 first 1000-0 deleted 0-0 added 2 | "
                      "group g 1000-0 read 18446744073709551615: 1 consumers c 88/88.",
                      kEntries));
    CHECK(spelt(19, stream.nodes() + length(2) + stream.last_id + length(1000) + length(0) +
                        length(4) + length(5) + length(9) + length(0)) ==
          fmt::format("{} | 2 last 1005-18446744073709551615 first 1000-0 deleted 4-5 added 9.",
                      kEntries));
}

TEST_CASE("rdb/stream: producers of the fourth form") {
    const std::string producers = length(100) + length(50) + length(1) + str("p") + length(2) +
                                  str("i1") + length(1000) + length(0) + str("i2") + length(1005) +
                                  length(1) + length(2) + length(0);
    CHECK(spelt(26, Stream().bytes() + producers).ends_with(" producer p 2: i1=1000-0 i2=1005-1."));
    const std::string twice = length(100) + length(50) + length(1) + str("p") + length(2) +
                              str("i1") + length(1) + length(0) + str("i1") + length(2) +
                              length(0) + length(2) + length(0);
    CHECK(fault(26, Stream().bytes() + twice) ==
          "duplicate-element: idempotence ID 'i1' is there a second time");
}

TEST_CASE("rdb/stream: deleted entries are passed over and counted") {
    CHECK(spelt(kType,
                [] {
                    Stream stream;
                    stream.node[0] = stream.node[1] = "1";
                    stream.node[5] = "3";
                    stream.live = 1;
                    return stream.bytes();
                }())
              .starts_with("stream 1: 1005-18446744073709551615(2) a=1 b=2 | 1 last"));
    CHECK(with([](Stream& s) { s.node[5] = "3"; }) ==
          "stream-inconsistent@1: node 1000-0 says that 2 entries live and 0 are deleted, and has "
          "1 and 1");
}

TEST_CASE("rdb/stream: what must be a number in a node is one") {
    for (const size_t at : {0, 1, 2, 4, 5, 6, 7, 9}) {
        Stream stream;
        stream.node[at] = "x";
        const std::string said = fault(kType, stream.bytes());
        CAPTURE(said);
        CHECK(said.starts_with("stream-inconsistent"));
        CHECK(said.ends_with("of a stream's node is not a number"));
    }
}

TEST_CASE("rdb/stream: entries have the elements that they say") {
    CHECK(with([](Stream& s) { s.node[9] = "5"; }) ==
          "stream-inconsistent@0: entry 1000-0 says that it has 5 elements, and has 4");
    CHECK(with([](Stream& s) { s.node.push_back("0"); }) ==
          "stream-inconsistent@2: a node of the stream ends where an entry's time must be");
    CHECK(with([](Stream& s) { s.node[13] = "200"; }) ==
          "stream-inconsistent@1: a node of the stream ends where a field or its value must be");
    CHECK(with([](Stream& s) { s.node[13] = "-1"; }) ==
          "stream-inconsistent@1: -1 is no number of fields");
    CHECK(with([](Stream& s) { s.node[4] = "1"; }) ==
          "stream-inconsistent: the master entry of a node does not end with 0");
}

TEST_CASE("rdb/stream: IDs ascend, from entry to entry and from node to node") {
    CHECK(with([](Stream& s) { s.node[11] = "-1"; }) ==
          "bad-order@1: entry 999-18446744073709551615 comes behind 1000-0");
    CHECK(with([](Stream& s) { s.node[12] = s.node[11] = "0"; }) ==
          "bad-order@1: entry 1000-0 comes behind 1000-0");
    const Stream stream;
    const std::string node = str(stream.master_id) + str(listpack(stream.node));
    CHECK(fault(kType, length(2) + node + node) ==
          "duplicate-element@1: node 1000-0 of the stream comes behind 1000-0");
    CHECK(with([](Stream& s) { s.master_id = "123"; }) ==
          "stream-inconsistent: the ID of a stream's node has 3 bytes");
}

TEST_CASE("rdb/stream: a wrong length, last or first ID can be repaired, and loads") {
    CHECK(warned([](Stream&) {}).empty());
    CHECK(warned([](Stream& s) { s.live = 3; }) == "stream-repairable");
    CHECK(warned([](Stream& s) { s.last_id = length(1004) + length(0); }) == "stream-repairable");
}

TEST_CASE("rdb/stream: a length without any node is damage") {
    CHECK(fault(kType, length(0) + length(3) + length(9) + length(9) + length(0) + length(0) +
                           length(0) + length(0) + length(3) + length(0)) ==
          "stream-inconsistent: the stream says that it has 3 entries, and has no node");
}

TEST_CASE("rdb/stream: each pending entry belongs to exactly one consumer") {
    CHECK(with([](Stream& s) { s.owned = stream_id(1005, 0); }) ==
          "stream-inconsistent: consumer 'c' owns 1005-0, which is not pending in its group");
    CHECK(with([](Stream& s) { s.owned.clear(); }) ==
          "stream-inconsistent: 1 entries are pending in group 'g', and its consumers own 0 of "
          "them");
    CHECK(with([](Stream& s) { s.owned += s.owned; }) ==
          "stream-inconsistent: 1000-0 is owned by two consumers");
    CHECK(with([](Stream& s) {
              s.pending += s.pending;
              s.pending_count = 2;
          }) == "duplicate-element: pending entry '1000-0' is there a second time");
}

TEST_CASE("rdb/stream: names of groups and of a group's consumers are different") {
    CHECK(with([](Stream& s) {
              s.groups = length(2) + s.group("g") + s.group("h");
          }).starts_with("sound: "));
    CHECK(with([](Stream& s) { s.groups = length(2) + s.group("g") + s.group("g"); }) ==
          "duplicate-element: group 'g' is there a second time");
    const std::string consumer = str("c") + le(1, 8) + le(1, 8) + length(0);
    Stream stream;
    stream.groups = length(1) + str("g") + length(0) + length(0) + length(0) + length(0) +
                    length(2) + consumer + consumer;
    CHECK(fault(kType, stream.bytes()) == "duplicate-element: consumer 'c' is there a second time");
}

}  // namespace tidemark::rdb
