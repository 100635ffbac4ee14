// What check finds, on dumps made by hand: the traps of redis-check-rdb first.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/random.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_check/dumps.h"

namespace tidemark::rdb_check {
namespace {

using rdb::FindingCode;
using rdb::operator""_b;

std::string string_key(const std::string& name, const std::string& value) {
    std::string record(1, '\0');
    for (const std::string& text : {name, value}) {
        if (text.size() >= 64) record += static_cast<char>(0x40 | text.size() >> 8);
        record += static_cast<char>(text.size() & 255);
        record += text;
    }
    return record;
}

// More than one stretch, of records that are told apart.
std::string large_dump(uint64_t seed, size_t bytes) {
    Random random(seed);
    std::string records = "\xfe\x00"_b;
    for (int i = 0; records.size() < bytes; ++i) {
        if (i % 5000 == 4999) records += "\xfe"_b + static_cast<char>(i / 5000 % 16);
        std::string value(64 + random.below(200), 'v');
        for (char& c : value) c = static_cast<char>(' ' + random.below(95));
        records += string_key("key:" + std::to_string(i), value);
    }
    return rdb::dump(records);
}

TEST_CASE("rdb_check/check: a key that is there twice in a db is an error, in two dbs it is none") {
    const std::string a = string_key("a", "1");
    const Checked twice = check(rdb::dump(a + string_key("b", "2") + a));
    REQUIRE(twice.has(FindingCode::kDuplicateKey));
    CHECK(twice.findings[0].key == "a");
    CHECK(twice.findings[0].db == 0);
    CHECK(check(rdb::dump(a + "\xfe\x01" + a)).findings.empty());
}

TEST_CASE("rdb_check/check: what follows the end is said, and whether it is another dump") {
    const std::string dump = rdb::dump("\x00\x01k\x01v"_b);
    const Checked zeros = check(dump + std::string(512, '\0'));
    REQUIRE(zeros.has(FindingCode::kTrailingBytes));
    CHECK(zeros.findings[0].begin == dump.size());
    CHECK(zeros.findings[0].end == dump.size() + 512);
    const Checked second = check(dump + dump);
    REQUIRE(second.has(FindingCode::kTrailingBytes));
    CHECK(second.findings[0].what.find("another dump") != std::string::npos);
    CHECK(second.summary.counts.keys() == 1);
}

TEST_CASE("rdb_check/check: a db that no server has is an error, and its keys are counted") {
    const Checked checked = check(rdb::dump("\xfe\x80\xff\xff\xff\xff\x00\x01k\x01v"_b));
    CHECK(checked.has(FindingCode::kDbOutOfRange));
    CHECK(checked.summary.counts.keys() == 1);
    CHECK_FALSE(check(rdb::dump("\xfe\x0f\x00\x01k\x01v"_b)).has_errors());
}

TEST_CASE("rdb_check/check: an empty collection is a warning, not an error") {
    const Checked checked = check(rdb::dump("\x01\x01l\x00"_b));
    CHECK(checked.has(FindingCode::kEmptyAggregate));
    CHECK_FALSE(checked.has_errors());
}

TEST_CASE("rdb_check/check: hints that promise other counts are a warning at their place") {
    const Checked checked = check(rdb::dump("\xfe\x00\xfb\x02\x01\x00\x01k\x01v"_b));
    REQUIRE(checked.has(FindingCode::kCountHint));
    CHECK(checked.findings[0].begin == 11);
    CHECK_FALSE(check(rdb::dump("\xfe\x00\xfb\x01\x00\x00\x01k\x01v"_b)).has_errors());
}

TEST_CASE("rdb_check/check: so are those of slots, whose keys follow them") {
    const auto slots = [](const std::string& first, const std::string& second) {
        return "\xfe\x00\xfb\x03\x00\xf4\x05"_b + first + string_key("a", "1") +
               string_key("b", "2") + "\xf4\x06"_b + second + string_key("c", "3");
    };
    CHECK_FALSE(check(rdb::dump(slots("\x02\x00"_b, "\x01\x00"_b), "REDIS0012"))
                    .has(FindingCode::kCountHint));
    const std::string wrong = rdb::dump(slots("\x02\x00"_b, "\x01\x01"_b), "REDIS0012");
    const Checked checked = check(wrong);
    REQUIRE(checked.has(FindingCode::kCountHint));
    CHECK(checked.findings[0].begin == wrong.rfind("\xf4\x06"_b));
    const Mended mended = mend(wrong, Restore::kNothing);
    CHECK(mended.result.hints_set == 1);
    CHECK(mended.result.keys == 3);
    CHECK(check(mended.dump).findings.empty());
    CHECK(mended.dump.find(slots("\x02\x00"_b, "\x01\x00"_b).substr(5)) != std::string::npos);
}

TEST_CASE("rdb_check/check: an opcode that is newer than the file's version is a warning, once") {
    const std::string records =
        "\xf4\x05\x01\x00"_b + string_key("a", "1") + "\xf4\x06\x01\x00"_b + string_key("b", "2");
    CHECK(check(rdb::dump(records, "REDIS0012")).findings.empty());
    const Checked checked = check(rdb::dump(records, "REDIS0010"));
    REQUIRE(checked.findings.size() == 1);
    CHECK(checked.has(FindingCode::kTypeNewerThanVersion));
    CHECK(checked.findings[0].what ==
          "opcode 244 came with version 12, and the file says that it is 10");
    CHECK_FALSE(checked.has_errors());
}

TEST_CASE("rdb_check/check: slots' counts are the same by several threads, over all pieces") {
    std::string records = "\xfe\x00"_b;
    for (int slot = 0; slot < 60; ++slot) {
        records += "\xf4"_b + static_cast<char>(slot) + "\x43\xe8\x00"_b;  // 1000 keys
        for (int i = 0; i < 1000; ++i)
            records += string_key(fmt::format("k{}:{}", slot, i), std::string(200, 'v'));
    }
    const std::string dump = rdb::dump(records, "REDIS0012");
    for (const unsigned jobs : {1U, 3U}) {
        const Checked checked = check(dump, jobs);
        CHECK(checked.findings.empty());
        CHECK(checked.summary.counts.slots.size() == 60);
    }
}

TEST_CASE("rdb_check/check: it goes on after damage, and says each") {
    std::string records;
    std::vector<std::string> parts;
    for (int i = 0; i < 40; ++i) {
        parts.push_back("\x00\x06"_b + "key:" + std::to_string(10 + i) + "\x0a"_b + "0123456789");
        records += parts.back();
    }
    std::string bytes = without_checksum(rdb::dump(records));
    for (const int hit : {7, 19, 31}) {
        bytes[rdb::kHeadBytes + static_cast<size_t>(hit) * parts[0].size()] = '\x63';
    }
    const Checked checked = check(bytes);
    CHECK(checked.summary.counts.gaps == 3);
    CHECK(checked.summary.is_whole);
    // The damaged ones, and the one in front of each, which nobody can vouch for.
    CHECK(checked.summary.counts.keys() == 34);
}

TEST_CASE("rdb_check/check: damage inside a packed value costs that key and no other") {
    // A listpack whose total is wrong.
    const std::string packed = "\x10\x01h\x0b\x0c\x00\x00\x00\x02\x00\x01\x01\x01\x01\xff"_b;
    const std::string more = "\x00\x01k\x01v\x00\x01m\x01v"_b;
    const Checked checked = check(without_checksum(rdb::dump(more + packed + "\x00\x01p\x01v"_b)));
    CHECK(checked.summary.counts.bad_keys == 1);
    CHECK(checked.summary.counts.gaps == 0);
    CHECK(checked.summary.counts.keys() == 3);
    REQUIRE_FALSE(checked.findings.empty());
    CHECK(checked.findings[0].key == "h");
}

TEST_CASE("rdb_check/check: zeros over records are damage, not keys without a name") {
    std::string dump = large_dump(3, 20'000);
    dump.replace(8'000, 1'000, 1'000, '\0');
    const Checked checked = check(dump);
    CHECK(checked.summary.counts.gaps == 1);
    CHECK(checked.summary.counts.lost_bytes < 2'000);
}

TEST_CASE("rdb_check/check: an EOF in the middle does not hide what follows") {
    std::string records;
    for (int i = 0; i < 30; ++i) records += string_key("key-" + std::to_string(i), "a value");
    std::string dump = rdb::dump(records);
    dump[rdb::kHeadBytes + 10 * string_key("key-10", "a value").size() - 10] = '\xff';
    const auto whole = check(rdb::dump(records)).summary.counts.keys();
    const Checked checked = check(dump);
    CHECK(checked.summary.counts.keys() >= whole - 2);
    CHECK(checked.has_errors());
}

TEST_CASE("rdb_check/check: pieces looked at by several threads say what one says of all") {
    const std::string dump = large_dump(1, 12 * kStretchBytes);
    std::string damaged = dump;
    for (const size_t at : {size_t{1'000'000}, size_t{4'194'300}, size_t{9'000'000}})
        damaged.replace(at, 300, 300, '\x07');
    for (const std::string& bytes :
         {dump, damaged, framed_again(dump, rdb::Sealing::kOn, 100'000)}) {
        const Checked alone = check(bytes, 1);
        const Checked together = check(bytes, 3);
        CHECK(alone.summary.counts.keys() == together.summary.counts.keys());
        CHECK(alone.summary.counts.lost_bytes == together.summary.counts.lost_bytes);
        CHECK(alone.summary.checksum == together.summary.checksum);
        REQUIRE(alone.findings.size() == together.findings.size());
        for (size_t i = 0; i < alone.findings.size(); ++i) {
            CHECK(alone.findings[i].begin == together.findings[i].begin);
            CHECK(alone.findings[i].what == together.findings[i].what);
        }
    }
}

TEST_CASE("rdb_check/check: the checksum tells the byte that was changed, framing lost or not") {
    const std::string dump = large_dump(2, 50'000);
    for (size_t at = 9; at + 1 < dump.size(); at += 997) {
        std::string changed = dump;
        changed[at] ^= 0x10;
        const Checked checked = check(changed);
        REQUIRE(checked.summary.changed.size() == 1);
        CHECK(checked.summary.changed[0].offset == at);
        CHECK(checked.summary.changed[0].mask == 0x10);
    }
}

TEST_CASE("rdb_check/check: damage in a sealed dump is located to its segment") {
    const std::string dump = framed_again(large_dump(4, 200'000), rdb::Sealing::kOn, 20'000);
    std::string damaged = dump;
    damaged.replace(100'000, 40, 40, '!');
    const Checked checked = check(damaged);
    const auto seal = std::find_if(
        checked.findings.begin(), checked.findings.end(),
        [](const auto& finding) { return finding.code == FindingCode::kSealMismatch; });
    REQUIRE(seal != checked.findings.end());
    CHECK(seal->begin <= 100'000);
    CHECK(seal->end > 100'000);
    CHECK(seal->end - seal->begin < 25'000);
}

}  // namespace
}  // namespace tidemark::rdb_check
