// What a finding says that a server does, held against redis-server 7.0.15 as it comes, which looks
// into packed values less deeply than we do (sanitize-dump-payload no).
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "tests/rdb/dump.h"
#include "tests/rdb/values.h"
#include "tests/rdb_check/dumps.h"
#include "tests/rdb_check/run.h"

namespace tidemark::rdb_check {
namespace {

using rdb::le;
using rdb::length;
using rdb::listpack;
using rdb::ServerDoes;
using rdb::str;
using rdb::strs;
using rdb::Texts;
using rdb::ziplist;
using tools::Outcome;

struct Case {
    std::string name;
    std::string record;
    ServerDoes does;
};

std::string key(int type, const std::string& value) {
    return static_cast<char>(type) + str("k") + value;
}

std::string intset(const std::vector<uint64_t>& members) {
    std::string bytes = le(2, 4) + le(members.size(), 4);
    for (const uint64_t member : members) bytes += le(member, 2);
    return str(bytes);
}

std::string quicklist(uint64_t container, const std::string& node) {
    return length(1) + length(container) + str(node);
}

std::string with_count(std::string listpack, uint64_t count) {
    return listpack.replace(4, 2, le(count, 2));
}

std::string score(double value) {
    return le(std::bit_cast<uint64_t>(value), 8);
}

std::vector<Case> empty_cases() {
    using enum ServerDoes;
    return {
        {"set", key(2, length(0)), kSkipsKey},
        {"hash", key(4, length(0)), kSkipsKey},
        {"zipmap", key(9, str(std::string("\0\xff", 2))), kRefuses},
        {"list of a ziplist", key(10, str(ziplist({}))), kSkipsKey},
        {"intset", key(11, intset({})), kRefuses},
        {"zset of a ziplist", key(12, str(ziplist({}))), kSkipsKey},
        {"hash of a ziplist", key(13, str(ziplist({}))), kSkipsKey},
        {"hash of a listpack", key(16, str(listpack({}))), kSkipsKey},
        {"zset of a listpack", key(17, str(listpack({}))), kSkipsKey},
        {"list", key(18, length(0)), kSkipsKey},
        {"plain node", key(18, quicklist(1, "")), kRefuses},
    };
}

std::vector<Case> damaged_cases() {
    using enum ServerDoes;
    const Texts twice = {"a", "1", "a", "2"};
    const std::string largest = length(UINT64_MAX);
    const std::string string = key(0, str("v"));
    return {
        {"field twice, listpack", key(16, str(listpack(twice))), kLoadsUnseen},
        {"field twice, ziplist", key(13, str(ziplist(twice))), kRefuses},
        {"field twice, small", key(4, length(2) + strs(twice).substr(1)), kLoadsUnseen},
        {"field twice, large",
         key(4, length(2) + strs({std::string(65, 'a'), "1", std::string(65, 'a'), "2"}).substr(1)),
         kRefuses},
        {"member twice, listpack", key(17, str(listpack(twice))), kLoadsUnseen},
        {"member twice, ziplist", key(12, str(ziplist(twice))), kRefuses},
        {"member twice, set", key(2, strs({"a", "a"})), kRefuses},
        {"field without a value, listpack", key(16, str(listpack({"a", "1", "b"}))), kLoadsUnseen},
        {"field without a value, ziplist", key(13, str(ziplist({"a", "1", "b"}))), kRefuses},
        {"count, listpack", key(16, str(with_count(listpack({"a", "1"}), 4))), kLoadsUnseen},
        {"count, node", key(18, quicklist(2, with_count(listpack({"a"}), 3))), kLoadsUnseen},
        {"terminator", key(16, str(listpack({"a", "1"}).replace(12, 1, "\xfe"))), kRefuses},
        {"terminator and element",
         key(16, str(listpack({"a", "1"}).replace(12, 1, "\xfe").replace(8, 1, "\x07"))), kRefuses},
        {"order, intset", key(11, intset({2, 1})), kLoadsUnseen},
        {"member twice, intset", key(11, intset({1, 1})), kLoadsUnseen},
        {"score, listpack", key(17, str(listpack({"a", "word"}))), kLoads},
        {"nan, listpack", key(17, str(listpack({"a", "nan"}))), kLoads},
        {"nan, binary", key(5, length(1) + str("a") + score(std::nan(""))), kRefuses},
        {"node without elements",
         key(18, length(2) + quicklist(2, listpack({})).substr(1) +
                     quicklist(2, listpack({"a"})).substr(1)),
         kLoads},
        {"idle time", "\xf8" + largest + string, kRefuses},
        {"hint", "\xfb" + length(uint64_t{1} << 50) + length(0) + string, kAborts},
        {"hint not read", "\xfb" + length(0) + largest + string, kRefuses},
        {"hint past all tables", "\xfb" + length(uint64_t{1} << 61) + length(0) + string, kLoads},
    };
}

// In the first form: a node with this in it, and groups.
std::string stream(const Texts& node, const std::string& groups = length(0)) {
    const std::string id = rdb::be(1, 8) + rdb::be(1, 8);
    return key(
        15, length(1) + str(id) + str(listpack(node)) + length(2) + length(2) + length(1) + groups);
}

std::vector<Case> stream_cases() {
    using enum ServerDoes;
    const Texts master = {"2", "0", "1", "f", "0"};
    const auto node = [&](const Texts& first, const Texts& second) {
        Texts all = master;
        all.insert(all.end(), first.begin(), first.end());
        all.insert(all.end(), second.begin(), second.end());
        return all;
    };
    const Texts first = {"2", "0", "0", "v", "4"};
    const Texts second = {"2", "1", "0", "v", "4"};
    const std::string pending = rdb::be(1, 8) + rdb::be(1, 8) + le(1000, 8) + length(1);
    return {
        {"one entry less", stream(node(first, {})), kLoadsUnseen},
        {"order of entries", stream(node(second, first)), kLoads},
        {"number of elements", stream(node(first, {"2", "1", "0", "v", "5"})), kLoadsUnseen},
        {"node without a master", stream({}), kRefuses},
        {"pending and nobody's",
         stream(node(first, second),
                length(1) + str("g") + length(1) + length(1) + length(1) + pending + length(0)),
         kLoadsUnseen},
    };
}

Outcome outcome_of(ServerDoes does) {
    switch (does) {
        case ServerDoes::kRefuses:
            return Outcome::kRefuses;
        case ServerDoes::kAborts:
            return Outcome::kDies;
        default:
            return Outcome::kLoads;
    }
}

void check_case(tools::RedisOracle& redis, const Case& one) {
    CAPTURE(one.name);
    const std::string dump =
        rdb::dump(one.record + std::string("\x00\x05other\x01v", 9), "REDIS0010");
    const Checked checked = check(dump);
    REQUIRE_FALSE(checked.findings.empty());
    const rdb::Finding& finding = checked.findings[0];
    CHECK(finding.server.value_or(rdb::row_of(finding.code).server) == one.does);
    // What keeps a server from loading is damage.
    const bool ends_it = one.does == ServerDoes::kRefuses || one.does == ServerDoes::kAborts;
    if (ends_it) CHECK(checked.has_errors());

    redis.cmd({"CONFIG", "SET", "sanitize-dump-payload", "no"});
    const tools::Answer answer = redis.load(dump);
    CHECK_MESSAGE(answer.outcome == outcome_of(one.does), answer.log);
    if (!ends_it) CHECK(answer.keys == (one.does == ServerDoes::kSkipsKey ? 1 : 2));
}

TEST_CASE("rdb_check/server: of each empty collection it is said what redis-server does") {
    tools::RedisOracle redis;
    for (const Case& one : empty_cases()) check_case(redis, one);
}

TEST_CASE("rdb_check/server: of damage in packed values it is said what it does by default") {
    tools::RedisOracle redis;
    for (const Case& one : damaged_cases()) check_case(redis, one);
    for (const Case& one : stream_cases()) check_case(redis, one);
}

TEST_CASE("rdb_check/server: what it refuses for being empty, fix leaves out") {
    for (const Case& one : empty_cases()) {
        CAPTURE(one.name);
        if (one.name == "plain node") continue;  // salvage's
        const Mended mended = mend(rdb::dump(key(0, str("v")) + one.record), Restore::kNothing);
        CHECK(mended.result.keys == 1);
        CHECK(mended.result.empty_dropped == 1);
        CHECK(mended.result.lost_bytes == 0);
    }
}

TEST_CASE("rdb_check/server: damage that takes the framing with it is said to be refused") {
    std::string cut = key(16, str(listpack({"a", "1", "b", "2"})));
    cut.erase(cut.size() - 6, 4);
    std::string others;
    for (int i = 0; i < 6; ++i) others += static_cast<char>(0) + str("other") + str("value");
    const std::string dump = rdb::dump(cut + others, "REDIS0010");
    const Checked checked = check(dump);
    REQUIRE(checked.summary.counts.gaps == 1);
    CHECK_FALSE(checked.findings[0].server);
    tools::RedisOracle redis;
    redis.cmd({"CONFIG", "SET", "sanitize-dump-payload", "no"});
    CHECK(redis.load(dump).outcome == Outcome::kRefuses);
}

// The first line, and what one function is called.
std::string library(const std::string& head, const std::string& function = "f") {
    return "\xf5" +
           str(head + "\nredis.register_function('" + function + "', function() return 1 end)");
}

TEST_CASE("rdb_check/server: libraries are taken or not by their first lines, and come once") {
    tools::RedisOracle redis;
    const std::string good = library("#!lua name=a");
    struct Libraries {
        std::string records;
        uint64_t bad;
    };
    const Libraries cases[] = {
        {good + library("#!lua name=A", "g"), 0},
        {library("#!LUA  NAME=\"a\"\r"), 0},
        {good + good, 1},
        {good + library("#!lua name=a", "g"), 1},
        {library("-- a"), 1},
        {library("#!lub name=a") + good, 1},
        {library("#! lua name=a"), 1},
        {library("#!lua"), 1},
        {library("#!lua name="), 1},
        {library("#!lua name=a-b"), 1},
        {library("#!lua name=a name=b"), 1},
        {library("#!lua name=a other=b"), 1},
        {library("#!lua name=\"a"), 1},
        {library(std::string("#!lua name=a\0b", 14)), 1},
        {"\xf5" + str("#!lua name=a"), 1},
        {"\xf5" + str(""), 1},
    };
    for (const Libraries& one : cases) {
        CAPTURE(one.records);
        const uint64_t bad = one.bad;
        const std::string dump = rdb::dump(one.records + key(0, str("v")), "REDIS0010");
        const Checked checked = check(dump);
        CHECK(checked.summary.counts.bad_functions == bad);
        CHECK(checked.has(rdb::FindingCode::kBadFunction) == (bad > 0));
        CHECK((redis.load(dump).outcome == Outcome::kLoads) == (bad == 0));
        const Mended mended = mend(dump, Restore::kNothing);
        CHECK(mended.result.lost.size() == bad);
        CHECK(mended.result.keys == 1);
        CHECK(redis.load(mended.dump).outcome == Outcome::kLoads);
    }
}

TEST_CASE("rdb_check/server: a library that no server takes is salvage's to leave out") {
    const support::TempFolder folder;
    const std::string in = folder / "in.rdb";
    const std::string out = folder / "out.rdb";
    const std::string bad = library("#!lua oame=a");
    support::write_text_file(
        in, without_checksum(rdb::dump(bad + library("#!lua name=b") + key(0, str("v")))));
    CHECK(tools::run_rdb_check({"check", in}).says("salvage leaves the library out"));
    CHECK(tools::run_rdb_check({"fix", in, "-o", out}).exit == 1);
    CHECK(tools::run_rdb_check({"salvage", in, "-o", out}).exit == 5);
    CHECK(support::read_text_file(out + ".lost").find(bad) != std::string::npos);
    CHECK(tools::run_rdb_check({"check", "--strict", out}).exit == 0);
}

}  // namespace
}  // namespace tidemark::rdb_check
