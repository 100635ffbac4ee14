// Every type and encoding cut at every byte, with every bit flipped, and with random damage: an
// error in its place or a reading to the end, never anything else.
#include <doctest/doctest.h>

#include <array>

#include "base/random.h"
#include "tests/rdb/event_log.h"
#include "tests/rdb/speller.h"
#include "tests/rdb/values.h"

namespace tidemark::rdb {
namespace {

// A key of each type; small, because each of their bits is turned.
std::string one_of_each() {
    const Texts pairs = {"field", "1", "f2", "value"};
    const std::string group = str("g") + length(7) + length(0) + length(1) + length(1) +
                              stream_id(7, 0) + le(5, 8) + length(1) + length(1) + str("c") +
                              le(5, 8) + le(5, 8) + length(1) + stream_id(7, 0);
    const std::string stream = length(1) + str(stream_id(7, 0)) +
                               str(listpack({"1", "0", "1", "f", "0", "2", "0", "0", "v", "4"})) +
                               length(1) + length(7) + length(0) + length(7) + length(0) +
                               length(0) + length(0) + length(1) + length(1) + group;
    const auto binary = [](const char* member) {
        return str(member) + std::string("\0\0\0\0\0\0\xf8\x3f", 8);
    };
    const std::array<std::string, 27> values = {
        str("value") /* 0 */,
        strs({"a", "bc"}),
        strs({"a", "bc"}),
        length(2) + str("a") + "\x03" + "1.5" + str("b") + "\xfe",
        length(1) + str("f") + str("v"),
        length(2) + binary("a") + binary("b") /* 5 */,
        "",
        "\x81" + be(0x45e25238df912c03, 8) + std::string("\2\5\5\2hi\0", 7),
        "",
        str(zipmap(pairs, 2)),
        str(ziplist({"a", "300"})) /* 10 */,
        str(le(2, 4) + le(2, 4) + le(1, 2) + le(2, 2)),
        str(ziplist({"a", "1", "b", "2.5"})),
        str(ziplist(pairs)),
        length(2) + str(ziplist({"a"})) + lzf(ziplist({std::string(60, 'x')})),
        "" /* 15: as 21, shorter */,
        str(listpack(pairs)),
        str(listpack({"a", "1", "b", "2.5"})),
        length(2) + length(1) + str("plain") + length(2) + str(listpack({"a", "5000"})),
        "",
        str(listpack({"a", "5"})) /* 20 */,
        stream,
        length(1) + length(99) + str("f") + str("v"),
        str(listpack({"f", "v", "99"})),
        le(99, 8) + length(1) + length(1) + str("f") + str("v"),
        le(99, 8) + str(listpack({"f", "v", "99", "g", "w", "0"})) /* 25 */,
        stream + length(100) + length(9) + length(1) + str("p") + length(1) + str("i") + length(7) +
            length(0) + length(1) + length(0),
    };
    std::string records =
        "\xfa\x09redis-ver\x05"
        "8.6.0\xfe\x00\xfb\x17\x01"_b;
    for (size_t type = 0; type < values.size(); ++type) {
        if (values[type].empty()) continue;
        if (type == 5) records += "\xfc" + le(1'900'000'000'000, 8) + "\xf8\x0a";
        records += static_cast<char>(type) + str("k" + std::to_string(type)) + values[type];
    }
    return records + "\xf5" + str("#!lua name=l\nreturn 1");
}

struct Read {
    EventLog log;
    Result<Summary> summary = fail(ErrorCode::kInvalid, "not read");
    bool has_finding = false;

    explicit Read(const std::string& bytes) {
        MemoryInput input(bytes);
        Reader reader(input, log);
        summary = reader.read();
        has_finding = reader.finding() != nullptr;
    }
};

const std::string& sound() {
    static const std::string bytes = dump(one_of_each(), "REDIS0013");
    return bytes;
}

}  // namespace

TEST_CASE("rdb/sweep: one of each is sound") {
    const Read read(sound());
    if (!read.summary) FAIL(read.summary.error().what);
    CHECK(read.log.keys.size() == 23);
    CHECK(read.log.functions.size() == 1);
}

TEST_CASE("rdb/sweep: cut at any byte it is truncated, and the keys in front of that are whole") {
    const Read whole(sound());
    for (size_t length = 0; length < sound().size(); ++length) {
        CAPTURE(length);
        const Read read(sound().substr(0, length));
        REQUIRE_FALSE(read.summary);
        CAPTURE(read.summary.error().what);
        CHECK(read.summary.error().code == ErrorCode::kTruncated);
        CHECK(read.summary.error().offset <= length);
        CHECK(read.has_finding);
        for (const auto& [name, value] : read.log.keys) CHECK(whole.log.keys.at(name) == value);
    }
}

TEST_CASE("rdb/sweep: a flipped bit is found") {
    for (size_t bit = 0; bit < sound().size() * 8; ++bit) {
        std::string damaged = sound();
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        CAPTURE(bit);
        const Read read(damaged);
        if (read.summary) {
            // Versions before 5 have no checksum.
            CHECK(read.summary->version < kFirstVersionWithChecksum);
            continue;
        }
        CHECK(read.has_finding);
        CHECK(read.summary.error().offset <= damaged.size());
    }
}

TEST_CASE("rdb/sweep: a flipped bit under a fitting checksum is found, or changes values alone") {
    size_t found = 0;
    for (size_t bit = 0; bit < (sound().size() - 9) * 8; ++bit) {
        std::string damaged = sound().substr(0, sound().size() - 8);
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        const Read read(with_checksum(damaged));
        if (!read.summary) ++found;
        if (read.summary) CHECK(read.log.keys.size() <= 23);
    }
    CHECK(found > sound().size() * 2);
}

TEST_CASE("rdb/sweep: random damage under a fitting checksum never crashes it") {
    Random random(4);
    const std::string whole = sound().substr(0, sound().size() - 8);
    for (int i = 0; i < 20'000; ++i) {
        std::string damaged = whole;
        for (uint64_t left = 1 + random.below(6); left > 0; --left) {
            const size_t at = random.below(damaged.size());
            if (random.one_in(5)) {
                damaged.erase(at, random.below(8));
            } else if (random.one_in(5)) {
                damaged.insert(at, 1, static_cast<char>(random.below(256)));
            } else {
                damaged[at] = static_cast<char>(random.below(256));
            }
            if (damaged.empty()) damaged = whole;
        }
        const Read read(with_checksum(damaged));
        if (!read.summary) CHECK(read.summary.error().what.size() > 20);
    }
}

}  // namespace tidemark::rdb
