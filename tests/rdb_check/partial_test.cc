// salvage --partial: what is kept of a value that is damaged, of each kind of value.
#include <doctest/doctest.h>

#include "engine/encoding/listpack.h"
#include "rdb/codec/pack.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_check/dumps.h"
#include "tests/rdb_check/run.h"
#include "tests/support/server_process.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::read_text_file;
using support::TempFolder;
using support::write_text_file;

// A listpack of these texts in which the element `broken` does not begin as one.
std::string listpack(const std::vector<std::string>& texts, const std::string& broken) {
    encoding::ListpackBuilder pack;
    for (const std::string& text : texts) pack.append(text);
    std::string bytes(pack.finish());
    bytes[bytes.find(broken) - 1] = '\xf5';
    return bytes;
}

std::string string_of(std::string_view bytes) {
    Buffer packed;
    rdb::pack_raw_string(packed, bytes);
    return std::string(packed.view());
}

// Compressed, and what it ends with replaced by a reference to what was never there.
std::string broken_lzf(std::string_view text) {
    Buffer packed;
    rdb::pack_string(packed, text, rdb::Compression::kLzf);
    std::string bytes(packed.view());
    REQUIRE(bytes.size() < text.size());
    bytes.replace(bytes.size() - 6, 6, "\xff\xff\xff\xff\xff\xff");
    return bytes;
}

// A key "k" of this type, and one behind it.
std::string dump_with(const std::string& type, std::string_view value) {
    return without_checksum(
        rdb::dump(type + "\x01k"_b + std::string(value) + "\x00\x01z\x01v"_b, "REDIS0011"));
}

// What a dump has, a word an element.
class Words final : public rdb::ValueSink {
public:
    Status begin_key(const rdb::KeyRecord& key) override {
        return add(std::string(key.name) + ":");
    }
    Status string(std::string_view text) override { return add(text); }
    Status element(std::string_view text) override { return add(text); }
    Status member(std::string_view text) override { return add(text); }
    Status scored(std::string_view text, double score) override {
        return add(fmt::format("{}={}", text, score));
    }
    Status field(std::string_view text) override { return add(text); }
    Status field_value(std::string_view text, std::optional<int64_t>) override { return add(text); }

    std::string words;

private:
    Status add(std::string_view word) {
        words += std::string(word) + " ";
        return {};
    }
};

std::string words_of(std::string_view dump) {
    Words words;
    rdb::MemoryInput input(dump);
    REQUIRE(rdb::Reader(input, words).read());
    return words.words;
}

std::string rescued(std::string_view dump) {
    const Mended mended = mend(dump, Restore::kNothing, DamagedValues::kKeepPrefix);
    CHECK(check(mended.dump).findings.empty());
    return words_of(mended.dump);
}

TEST_CASE("rdb_check/partial: of a collection the elements in front of the damage are kept") {
    const std::vector<std::string> texts = {"aa", "bb", "cc", "dd"};
    CHECK(rescued(dump_with("\x12"_b, "\x01\x02"_b + string_of(listpack(texts, "cc")))) ==
          "k: aa bb z: v ");
    CHECK(rescued(dump_with("\x14"_b, string_of(listpack(texts, "dd")))) == "k: aa bb cc z: v ");
    CHECK(rescued(dump_with("\x10"_b, string_of(listpack(texts, "dd")))) == "k: aa bb z: v ");
    CHECK(rescued(dump_with("\x11"_b, string_of(listpack({"aa", "1.5", "bb", "2.5"}, "2.5")))) ==
          "k: aa=1.5 z: v ");
}

TEST_CASE("rdb_check/partial: a count that does not fit its listpack costs nothing") {
    encoding::ListpackBuilder pack;
    for (const char* text : {"aa", "bb"}) pack.append(text);
    std::string bytes(pack.finish());
    bytes[4] ^= 4;
    CHECK(rescued(dump_with("\x10"_b, string_of(bytes))) == "k: aa bb z: v ");
}

TEST_CASE("rdb_check/partial: of a compressed string what can be unpacked is kept") {
    std::string text;
    for (int i = 0; i < 60; ++i) text += fmt::format("line {} of the text\n", i * i);
    const std::string words = rescued(dump_with("\x00"_b, broken_lzf(text)));
    CHECK(words.size() > text.size() / 2);
    CHECK(words.starts_with("k: " + text.substr(0, text.size() / 2)));
}

TEST_CASE(
    "rdb_check/partial: of a compressed listpack the elements that can be unpacked are kept") {
    encoding::ListpackBuilder pack;
    std::string wanted = "k: ";
    for (int i = 0; i < 40; ++i) {
        pack.append(fmt::format("element-{}", i));
        if (i < 20) wanted += fmt::format("element-{} ", i);
    }
    const std::string packed = broken_lzf(pack.finish());
    CHECK(rescued(dump_with("\x14"_b, packed)).starts_with(wanted));
    CHECK(rescued(dump_with("\x12"_b, "\x01\x02"_b + packed)).starts_with(wanted));
    // Elements of their own are whole or not there.
    std::string one(200, 'x');
    CHECK(rescued(dump_with("\x01"_b, "\x02\x01y"_b + broken_lzf(one))) == "k: y z: v ");
}

TEST_CASE("rdb_check/partial: nothing in front of the damage, and the key is lost as without it") {
    const std::string value = string_of(listpack({"aa", "bb"}, "aa"));
    CHECK(rescued(dump_with("\x10"_b, value)) == "z: v ");
    // A compressed string whose size is what is damaged, and a form that no string has.
    CHECK(rescued(dump_with("\x00"_b, "\xc3\x02\x7f\xff\x00x"_b)) == "z: v ");
    CHECK(rescued(dump_with("\x01"_b, "\x02\x01y\xc3\x02\x7f\xff\x00x"_b)) == "k: y z: v ");
    // Nor is it kept beside a sound key of its name.
    const std::string damaged = "\x12\x01k\x01\x02"_b + string_of(listpack({"aa", "bb"}, "bb"));
    for (const std::string& records :
         {damaged + "\x00\x01k\x01v"_b, "\x00\x01k\x01v"_b + damaged}) {
        CHECK(rescued(without_checksum(rdb::dump(records + "\x00\x01z\x01v"_b))) == "k: v z: v ");
    }
}

TEST_CASE("rdb_check/partial: the tool lists what was kept in part, and loses the rest aside") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb",
                    dump_with("\x14"_b, string_of(listpack({"aa", "bb", "cc"}, "cc"))));
    const auto run = [&](std::vector<std::string> options) {
        options.insert(options.begin(), "salvage");
        options.insert(options.end(),
                       {folder / "dump.rdb", "-o", folder / "new.rdb", "--overwrite"});
        return tools::run_rdb_check(options);
    };
    const auto text = run({"--partial"});
    CHECK(text.exit == 5);
    CHECK(text.says("kept in part: key \"k\" of db 0, set: the first 2 elements"));
    CHECK(text.last_line().find("1 key kept in part") != std::string::npos);
    CHECK(read_text_file(folder / "new.rdb.lost").starts_with("lost "));
    const auto json = run({"--partial", "--json"});
    CHECK(json.says(R"("type":"set","kept":2)"));
    CHECK(json.says(R"("partial_keys":1)"));
    CHECK_FALSE(run({}).says("kept in part"));
    CHECK(words_of(read_text_file(folder / "new.rdb")) == "z: v ");
}

TEST_CASE("rdb_check/partial: a stream keeps its first entries, and a server takes it") {
    tools::RedisOracle redis;
    redis.cmd({"CONFIG", "SET", "stream-node-max-entries", "3"});
    redis.cmd({"CONFIG", "SET", "rdbcompression", "no"});
    for (int i = 1; i <= 8; ++i) {
        redis.cmd({"XADD", "s", fmt::format("{}-1", i), i == 2 ? "other" : "field",
                   fmt::format("value-{}", i)});
    }
    redis.cmd({"XGROUP", "CREATE", "s", "group", "0"});
    std::string dump = without_checksum(framed_again(redis.save(), rdb::Sealing::kOff, 0));
    REQUIRE(dump.find("value-5") != std::string::npos);
    dump[dump.find("value-5") - 1] = '\xf5';
    const Mended mended = mend(dump, Restore::kNothing, DamagedValues::kKeepPrefix);
    REQUIRE(mended.result.partial.size() == 1);
    CHECK(mended.result.partial[0].kept == 4);
    const tools::Answer answer = redis.load(mended.dump);
    REQUIRE(answer.outcome == tools::Outcome::kLoads);
    CHECK(answer.keys == 1);
    redis.cmd({"SELECT", "0"});
    CHECK(redis.cmd({"XLEN", "s"}).integer == 4);
    CHECK(to_string(redis.cmd({"XRANGE", "s", "2-1", "2-1"})).find("other") != std::string::npos);
    CHECK(to_string(redis.cmd({"XRANGE", "s", "4-1", "4-1"})).find("value-4") != std::string::npos);
    CHECK_FALSE(redis.cmd({"XADD", "s", "9-1", "f", "v"}).is_error());
}

TEST_CASE("rdb_check/partial: whatever byte is flipped, the result is sound and loads") {
    tools::RedisOracle redis;
    const std::string dump =
        without_checksum(framed_again(dump_of_all_types(redis), rdb::Sealing::kOff, 0));
    size_t partial = 0;
    const size_t step = support::full_run() ? 1 : 3;
    for (const RecordBytes& record : records_of(dump)) {
        for (uint64_t at = record.begin; record.keys > 0 && at < record.end; at += step) {
            std::string flipped = dump;
            flipped[at] ^= static_cast<char>(1 << at % 8);
            const Mended mended = mend(flipped, Restore::kNothing, DamagedValues::kKeepPrefix);
            CAPTURE(at);
            CAPTURE(record.name);
            CAPTURE(joined(mended.codes));
            CHECK_FALSE(check(mended.dump).has_errors());
            partial += mended.result.partial_keys;
            if (mended.result.partial_keys > 0 && at % 4 == 0)
                CHECK(redis.load(mended.dump).outcome == tools::Outcome::kLoads);
        }
    }
    CHECK(partial > 50);
}

}  // namespace
}  // namespace tidemark::rdb_check
