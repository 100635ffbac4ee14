// Going on after damage: values left out by their framing, and places where records begin again.
#include <doctest/doctest.h>

#include "base/random.h"
#include "rdb/codec/resync.h"
#include "tests/rdb/event_log.h"
#include "tests/rdb/fixtures.h"
#include "tests/rdb/speller.h"
#include "tests/rdb/values.h"

namespace tidemark::rdb {
namespace {

std::string key(int type, const std::string& name, const std::string& value) {
    return static_cast<char>(type) + str(name) + value;
}

class Names final : public ValueSink {
public:
    Status begin_key(const KeyRecord& key) override {
        name_ = key.name;
        return {};
    }
    Status end_key(uint64_t) override {
        names.push_back(name_);
        return {};
    }
    void warning(const Finding& finding) override {
        warnings.emplace_back(row_of(finding.code).name);
    }
    Texts names;
    Texts warnings;

private:
    std::string name_;
};

// Reads what can be read, as a tool would: a damaged value is left out by its framing if records
// go on behind it, else the next place is looked for.
struct Salvaged {
    Names kept;
    int skipped = 0;
    int resynced = 0;

    explicit Salvaged(const std::string& bytes) {
        MemoryInput input(bytes);
        RecordReader records(input, kept);
        REQUIRE(records.read_head());
        Resynchroniser places(input, records.state());
        uint64_t before = kNoOffset;  // the last key, if it was kept
        while (true) {
            const uint64_t begin = records.offset();
            const auto next = records.next();
            if (next && (*next)->kind == RecordKind::kEof && records.is_at_end()) return;
            const bool is_key = next && (*next)->kind == RecordKind::kKey;
            if (next && !is_key && (*next)->kind != RecordKind::kEof) continue;
            if (is_key && records.read_value()) {
                before = begin;
                continue;
            }
            if (!next || is_key) CHECK(records.finding() != nullptr);
            if (is_key && records.skip_value() && *places.begins_here(records.offset())) {
                ++skipped;
                before = kNoOffset;
                continue;
            }
            const auto place = places.find_behind(std::min(before, begin), begin);
            REQUIRE(place);
            if (!*place) return;
            if (before != kNoOffset && (*place)->offset <= begin) kept.names.pop_back();
            before = kNoOffset;
            ++resynced;
            ReaderState state = records.state();
            state.db = (*place)->db.value_or(state.db);
            records.start_at((*place)->offset, state);
        }
    }
};

Texts numbered_names(int count) {
    Texts names;
    for (int i = 0; i < count; ++i) names.push_back("key" + std::to_string(i));
    return names;
}

// Keys of several types in turn.
std::vector<std::string> some_records(int count) {
    std::vector<std::string> records;
    for (int i = 0; i < count; ++i) {
        const std::string name = "key" + std::to_string(i);
        const std::string number = std::to_string(1000 + i);
        switch (i % 4) {
            case 0:
                records.push_back(key(0, name, str("value of " + name)));
                break;
            case 1:
                records.push_back(key(16, name, str(listpack({"field", number, "f2", "value"}))));
                break;
            case 2:
                records.push_back(
                    key(18, name, length(1) + length(2) + str(listpack({"a", number, "c", name}))));
                break;
            default:
                records.push_back(key(0, name, lzf(std::string(200, 'x') + name)));
        }
    }
    return records;
}

std::string joined(const std::vector<std::string>& records) {
    std::string bytes;
    for (const std::string& record : records) bytes += record;
    return bytes;
}

}  // namespace

TEST_CASE("rdb/records: each record says where it begins and ends") {
    const std::string attributes = "\xfc" + le(5, 8) + "\xf9\x07";
    const std::string first = key(0, "a", str("1"));
    const std::string bytes = dump(first + attributes + key(1, "b", strs({"x"})));
    MemoryInput input(bytes);
    Names names;
    RecordReader records(input, names);
    REQUIRE(records.read_head());
    CHECK(records.offset() == 9);
    const Record* record = *records.next();
    CHECK(record->kind == RecordKind::kKey);
    CHECK((record->offset == 9 && record->key.begin_offset == 9));
    REQUIRE(records.read_value());
    record = *records.next();
    CHECK(record->key.begin_offset == 9 + first.size());
    CHECK(record->offset == 9 + first.size() + attributes.size());
    CHECK(record->key.name == "b");
    CHECK(record->key.frequency == 7);
    REQUIRE(records.skip_value());
    CHECK((*records.next())->kind == RecordKind::kEof);
    CHECK(records.read_trailer());
    CHECK(records.is_checksummed());
    CHECK(names.names == Texts{"a"});
}

TEST_CASE("rdb/records: a value left out ends where it ends when it is read, in all fixtures") {
    const auto fixtures = rdb_fixtures();
    if (!fixtures) return;
    size_t compared = 0;
    for (const Fixture& fixture : *fixtures) {
        if (!fixture.is_sound()) continue;
        CAPTURE(fixture.name);
        const std::string bytes = fixture.bytes();
        MemoryInput input(bytes);
        Names names;
        RecordReader read(input, names);
        RecordReader skip(input, names);
        REQUIRE(read.read_head());
        REQUIRE(skip.read_head());
        while (true) {
            const auto one = read.next();
            REQUIRE((one && skip.next()));
            if ((*one)->kind == RecordKind::kEof) break;
            if ((*one)->kind != RecordKind::kKey) continue;
            REQUIRE(read.read_value());
            REQUIRE(skip.skip_value());
            REQUIRE(read.offset() == skip.offset());
            ++compared;
        }
        REQUIRE(skip.read_trailer());
    }
    CHECK(compared > 1000);
}

TEST_CASE("rdb/records: damage inside a string costs its key alone") {
    const std::string good = listpack({"f", "v", "g", "w"});
    std::string bad = good;
    bad[8] = 9;
    const std::string packed = "\xc3\x02\x30\x05x";  // literals beyond its end
    const Salvaged salvaged(dump(key(0, "a", str("1")) + key(16, "bad", str(bad)) +
                                 key(2, "twice", strs({"m", "m", "n"})) + key(0, "lzf", packed) +
                                 joined(some_records(6))));
    Texts expected = {"a"};
    for (const std::string& name : numbered_names(6)) expected.push_back(name);
    CHECK(salvaged.kept.names == expected);
    CHECK(salvaged.skipped == 3);
    CHECK(salvaged.resynced == 0);
}

TEST_CASE("rdb/records: after a value was left out the checksum still tells") {
    const std::string bytes = dump(key(2, "twice", strs({"m", "m", "n"})) + key(0, "k", str("v")));
    MemoryInput input(bytes);
    Names names;
    RecordReader records(input, names);
    REQUIRE(records.read_head());
    REQUIRE(records.next());
    REQUIRE_FALSE(records.read_value());
    REQUIRE(records.skip_value());
    REQUIRE(records.next());
    REQUIRE(records.read_value());
    CHECK((*records.next())->kind == RecordKind::kEof);
    CHECK(records.read_trailer());
    CHECK(records.is_checksummed());
}

TEST_CASE("rdb/records: any flipped byte costs one key, or two where framing is lost") {
    constexpr int kCount = 24;
    const auto records = some_records(kCount);
    const std::string whole = dump(
        "\xfa\x09redis-ver\x05"
        "7.2.0\xfe\x00"_b +
        joined(records));
    REQUIRE(Salvaged(whole).kept.names == numbered_names(kCount));
    size_t lost_two = 0;
    for (size_t at = 9; at < whole.size() - 9; ++at) {
        for (const int flip : {0xff, 0x01, 0x80}) {
            std::string damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ flip);
            CAPTURE(at);
            CAPTURE(flip);
            const Salvaged salvaged(damaged);
            size_t kept = 0;
            for (const std::string& name : numbered_names(kCount)) {
                const auto& names = salvaged.kept.names;
                if (std::find(names.begin(), names.end(), name) != names.end()) ++kept;
            }
            CHECK(kept + 2 >= kCount);
            if (kept + 2 == kCount) ++lost_two;
        }
    }
    CHECK(lost_two < whole.size() / 20);
}

TEST_CASE("rdb/records: ranges that were cut out or overwritten are stepped over") {
    Random random(5);
    constexpr int kCount = 200;
    const std::string whole = dump(joined(some_records(kCount)));
    for (int i = 0; i < 300; ++i) {
        std::string damaged = whole;
        const size_t at = 9 + random.below(damaged.size() - 500);
        const size_t length = 1 + random.below(300);
        if (random.one_in(2)) {
            damaged.erase(at, length);
        } else {
            const char filler = random.one_in(2) ? '\0' : static_cast<char>(random.below(256));
            damaged.replace(at, length, length, filler);
        }
        const Salvaged salvaged(damaged);
        // Some thirty bytes a record, and one at each end.
        CHECK(salvaged.kept.names.size() + length / 15 + 4 >= kCount);
    }
}

TEST_CASE("rdb/records: bytes of a value are not taken for records") {
    // A hash whose listpack is full of small integers, which are type bytes and lengths too.
    Texts elements;
    for (int i = 0; i < 4000; ++i) elements.push_back(std::to_string(i % 60));
    const std::string large = key(18, "large", length(1) + length(2) + str(listpack(elements)));
    std::string bytes = dump(large + joined(some_records(8)));
    bytes[10] = '\x7f';  // the length of its name
    const Salvaged salvaged(bytes);
    CHECK(salvaged.kept.names == numbered_names(8));
}

TEST_CASE("rdb/records: keys whose names are no text are found where there are no others") {
    std::string records;
    for (char i = 0; i < 40; ++i) records += key(0, std::string(7, '\0') + i, str("some value"));
    std::string bytes = dump(records);
    bytes[10] = '\x7f';  // the length of the first name
    CHECK(Salvaged(bytes).kept.names.size() == 39);
}

TEST_CASE("rdb/records: a run of zeros is no record") {
    const std::string bytes = dump("\x08" + std::string(10'000, '\0') + joined(some_records(8)));
    CHECK(Salvaged(bytes).kept.names == numbered_names(8));
}

TEST_CASE("rdb/records: a hint that is off is warned of, with the db's counts") {
    const std::string record = key(0, "a", str("1"));
    const auto warnings = [](const std::string& records) {
        const std::string bytes = dump(records);
        MemoryInput input(bytes);
        Names names;
        REQUIRE(Reader(input, names).read());
        return names.warnings;
    };
    CHECK(warnings("\xfe\0\xfb\1\0"_b + record).empty());
    CHECK(warnings("\xfe\0\xfb\2\0"_b + record) == Texts{"count-hint"});
    CHECK(warnings("\xfe\0\xfb\1\1"_b + record) == Texts{"count-hint"});
    CHECK(warnings("\xfe\0\xfb\x81\xff\xff\xff\xff\xff\xff\xff\xff\0"_b + record) ==
          Texts{"hint-too-large", "count-hint"});
    CHECK(warnings("\xfe\0\xfb\1\0\xfe\1"_b + record + "\xfe\0"_b + record).empty());
    CHECK(warnings(record + "\xfc" + le(1, 8)) == Texts{"dangling-attribute"});
    CHECK(warnings(record + "\xfa\1x\1y"_b) == Texts{"unknown-aux"});
}

TEST_CASE("rdb/records: module data, key metadata and slot imports are handed on by their place") {
    class Places final : public ValueSink {
    public:
        Status begin_key(const KeyRecord& key) override {
            key_begin = key.begin_offset;
            return {};
        }
        Status module_aux(std::string_view module, uint64_t begin, uint64_t end) override {
            said += fmt::format("{} {}-{} ", module, begin, end);
            return {};
        }
        Status key_meta(uint64_t begin, uint64_t end) override {
            said += fmt::format("meta {}-{} ", begin, end);
            return {};
        }
        Status slot_import(std::string_view job, uint64_t begin, uint64_t end) override {
            said += fmt::format("{} {}-{} ", job.substr(0, 2), begin, end);
            return {};
        }
        std::string said;
        uint64_t key_begin = 0;
    };
    const auto said = [](const std::string& records, std::string_view head) {
        const std::string bytes = dump(records, head);
        MemoryInput input(bytes);
        Places places;
        const auto summary = Reader(input, places).read();
        return summary ? places.said + fmt::format("{}", places.key_begin) : summary.error().what;
    };
    const std::string record = key(0, "a", str("1"));
    CHECK(said("\xf7\x81\x45\xe2\x52\x38\xdf\x91\x2c\x03\x02\x01\x00"_b + record, "REDIS0012") ==
          "ReJSON-RL 9-22 22");
    CHECK(said("\xf3\x01zzzz\x02\x05\x00"_b + record, "REDIS0013") == "meta 9-18 9");
    const std::string job(40, 'j');
    CHECK(said("\xf3\x28"_b + job + "\x01\x01\x7f\xff"_b + record, "VALKEY080") == "jj 9-55 55");
    CHECK(said("\xf3\x28"_b + job + "\x01\x02\x01"_b, "VALKEY080")
              .ends_with("2 to 1 is no range of slots"));
    CHECK(said("\xf3\x03xyz\x00"_b, "VALKEY080").ends_with("a slot import has 3 bytes"));
}

}  // namespace tidemark::rdb
