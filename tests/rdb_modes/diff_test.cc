// Mode diff: nothing between two forms of the same data, and after changes exactly those.
#include <fmt/format.h>
#include <rapidjson/document.h>

#include <functional>
#include <set>

#include "base/random.h"
#include "rdb/codec/types.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_modes/world.h"
#include "tools/dump_diff/digest.h"
#include "tools/dump_diff/partitioned_spill.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::Client;
using support::ServerKind;
using support::TempFolder;
using support::write_text_file;

TEST_CASE("rdb-check/diff: a dump and what a server saved after loading it are the same") {
    const TempFolder folder;
    const TempFolder data;
    const auto server = serve_file(data.path(), world().dump);
    save_to(*server, data.path(), folder / "again.rdb");
    const auto run = run_tool(0, {"diff", world().dump, folder / "again.rdb"});
    CHECK(run.last_line().find("the same as") != std::string::npos);
    run_tool(0, {"diff", world().dump, world().dump});
}

// Changes of every kind to keys of every kind; which ones is chance.
void change_at_random(Client& client, Random& random) {
    const auto run = [&](support::CommandArgs args) { REQUIRE_FALSE(client.cmd(args).is_error()); };
    for (int db = 0; db < 3; ++db) {
        run({"SELECT", std::to_string(db)});
        for (int i = 0; i < 40; ++i) {
            const std::string n = std::to_string(random.below(40));
            switch (random.below(10)) {
                case 0:
                    run({"DEL", "s" + n, "l" + n});
                    break;
                case 1:
                    run({"SET", "new" + n, "v"});
                    break;
                case 2:
                    run({"APPEND", "s" + n, "x"});
                    break;
                case 3:
                    run({"RPOPLPUSH", "l" + n, "l" + n});
                    break;
                case 4:
                    run({"HSET", "h" + n, "f3", "other"});
                    break;
                case 5:
                    run({"PEXPIREAT", "h" + n, "4000000000000"});
                    break;
                case 6:
                    run({"PERSIST", "z" + n});
                    break;
                case 7:
                    run({"ZINCRBY", "z" + n, "1", "m1"});
                    break;
                case 8:
                    run({"XDEL", "x" + n, "1-1"});
                    break;
                default:
                    run({"SREM", "e" + n, "2"});
            }
        }
    }
}

void fill_small(Client& client) {
    for (int db = 0; db < 3; ++db) {
        client.cmd({"SELECT", std::to_string(db)});
        for (int i = 0; i < 40; ++i) {
            const std::string n = std::to_string(i);
            client.cmd({"SET", "s" + n, "value " + n});
            client.cmd({"RPUSH", "l" + n, "a", "b", n});
            client.cmd({"HSET", "h" + n, "f1", n, "f2", "x", "f3", "y"});
            client.cmd({"ZADD", "z" + n, "1", "m1", "2.5", "m2"});
            client.cmd({"PEXPIREAT", "z" + n, "4000000000000"});
            client.cmd({"SADD", "e" + n, "1", "2", "3"});
            client.cmd({"XADD", "x" + n, "1-1", "f", "v"});
            client.cmd({"XADD", "x" + n, "1-2", "f", n});
        }
    }
    client.cmd({"SELECT", "0"});
}

// What the two views say about it: "change db/key".
std::set<std::string> expected_changes(const rdb::ServerView& before,
                                       const rdb::ServerView& after) {
    const auto without_expiry = [](const std::string& text) {
        return text.starts_with("expire=") ? text.substr(text.find(' ') + 1) : text;
    };
    std::set<std::string> changes;
    for (const auto& [key, value] : before) {
        const auto other = after.find(key);
        if (other == after.end()) {
            changes.insert("removed " + key);
        } else if (without_expiry(other->second) != without_expiry(value)) {
            changes.insert("changed " + key);
        } else if (other->second != value) {
            changes.insert("ttl " + key);
        }
    }
    for (const auto& [key, value] : after)
        if (!before.contains(key)) changes.insert("added " + key);
    return changes;
}

std::set<std::string> told_changes(const std::string& json) {
    rapidjson::Document document;
    REQUIRE_FALSE(document.Parse(json.c_str()).HasParseError());
    std::set<std::string> changes;
    for (const auto& one : document["differences"].GetArray()) {
        changes.insert(fmt::format("{} {}/{}", one["change"].GetString(), one["db"].GetUint64(),
                                   one["key"].GetString()));
    }
    return changes;
}

TEST_CASE("rdb-check/diff: after random changes it says exactly those") {
    const TempFolder folder;
    const TempFolder data;
    const auto server = support::start_server(ServerKind::kRedis, data.path(), {"--save", ""});
    Client client = server->connect();
    fill_small(client);
    rdb::ServerView before = rdb::view_of(client);
    save_to(*server, data.path(), folder / "0.rdb");
    for (int round = 1; round <= support::rounds(2, 20); ++round) {
        CAPTURE(round);
        Random random(static_cast<uint64_t>(round));
        change_at_random(client, random);
        const rdb::ServerView after = rdb::view_of(client);
        save_to(*server, data.path(), folder / "1.rdb");
        const auto expected = expected_changes(before, after);
        REQUIRE(expected.size() > 20);
        const auto run = run_tool(1, {"diff", "--json", folder / "0.rdb", folder / "1.rdb"});
        CHECK(told_changes(run.out) == expected);
        before = after;
        std::rename((folder / "1.rdb").c_str(), (folder / "0.rdb").c_str());
    }
}

// The two are told apart, or not.
void check_pair(int exit, std::string_view first, std::string_view second) {
    const TempFolder folder;
    write_text_file(folder / "a.rdb", rdb::dump(first));
    write_text_file(folder / "b.rdb", rdb::dump(second));
    run_tool(exit, {"diff", folder / "a.rdb", folder / "b.rdb"});
}

TEST_CASE("rdb-check/diff: order counts in lists, and nowhere else") {
    check_pair(0,
               "\x02\x01k\x02\x01"
               "a\x01"
               "b",
               "\x02\x01k\x02\x01"
               "b\x01"
               "a");
    check_pair(1,
               "\x01\x01k\x02\x01"
               "a\x01"
               "b",
               "\x01\x01k\x02\x01"
               "b\x01"
               "a");
    check_pair(0,
               "\x04\x01k\x02\x01"
               "a\x01"
               "1\x01"
               "b\x01"
               "2",
               "\x04\x01k\x02\x01"
               "b\x01"
               "2\x01"
               "a\x01"
               "1");
    // The same texts, paired otherwise.
    check_pair(1,
               "\x04\x01k\x02\x01"
               "a\x01"
               "1\x01"
               "b\x01"
               "2",
               "\x04\x01k\x02\x01"
               "a\x01"
               "2\x01"
               "b\x01"
               "1");
    check_pair(0, "\x00\x01k\x01v\x00\x01l\x01v"_b, "\x00\x01l\x01v\x00\x01k\x01v"_b);
}

TEST_CASE("rdb-check/diff: databases, types and encodings are told apart where they differ") {
    check_pair(1, "\xfe\x00\x00\x01k\x01v"_b, "\xfe\x01\x00\x01k\x01v"_b);
    check_pair(1,
               "\x01\x01k\x01\x01"
               "a",
               "\x02\x01k\x01\x01"
               "a");
    check_pair(0,
               "\x02\x01k\x01\x01"
               "7",
               "\x0b\x01k\x0a\x02\x00\x00\x00\x01\x00\x00\x00\x07\x00"_b);
    check_pair(0, "\x00\x01k\xc0\x07"_b,
               "\x00\x01k\x01"
               "7"_b);
}

TEST_CASE("rdb-check/diff: an expiry alone is a class of its own, which --ignore-ttl passes over") {
    const TempFolder folder;
    const std::string a = folder / "a.rdb";
    const std::string b = folder / "b.rdb";
    write_text_file(a, rdb::dump("\x00\x01k\x01v"_b));
    write_text_file(b, rdb::dump("\xfc\x10\x00\x00\x00\x00\x00\x00\x00\x00\x01k\x01v"_b));
    CHECK(run_tool(1, {"diff", a, b})
              .says("t db 0 string \"k\": expires never, at 16 in the second"));
    run_tool(0, {"diff", "--ignore-ttl", a, b});
    CHECK_FALSE(run_tool(1, {"diff", "--summary", a, b}).says("t db 0"));
    CHECK(run_tool(1, {"diff", "-q", a, b}).out.empty());
}

TEST_CASE("rdb-check/diff: libraries of functions are compared by name and source") {
    check_pair(0, "\xf5\x0f#!lua name=a\n--", "\xf5\x0f#!lua name=a\n--");
    check_pair(1, "\xf5\x0f#!lua name=a\n--", "\xf5\x0f#!lua name=a\n++");
    check_pair(1, "\xf5\x0f#!lua name=a\n--", "");
}

TEST_CASE("rdb-check/diff: the file that is named is the one that is damaged") {
    const TempFolder folder;
    const std::string good = folder / "good.rdb";
    const std::string bad = folder / "bad.rdb";
    write_text_file(good, rdb::dump("\x00\x01k\x01v"_b));
    write_text_file(bad, rdb::dump("\x02\x01k\x02\x01x\x01x"_b));
    const std::string verdict = bad + ": the RDB data is damaged at offset";
    for (const auto& args : {std::vector<std::string>{"diff", good, bad},
                             {"diff", bad, good},
                             {"merge", good, bad, "-o", folder / "out"}})
        CHECK(run_tool(1, args).last_line().starts_with(verdict));
    write_text_file(bad, "BZh9");
    for (const auto& args :
         {std::vector<std::string>{"diff", good, bad}, {"merge", good, bad, "-o", folder / "out"}})
        CHECK(run_tool(1, args).last_line().starts_with(bad + ": it is packed with bzip2"));
    CHECK(run_tool(1, {"diff", "--json", good, bad}).says("\"file\":\"" + bad + "\""));
}

TEST_CASE("rdb-check/diff: names that no terminal should see are escaped") {
    const TempFolder folder;
    write_text_file(folder / "a.rdb", rdb::dump(""));
    write_text_file(folder / "b.rdb", rdb::dump("\x00\x03\x1b\xff\x00\x01v"_b));
    CHECK(run_tool(1, {"diff", folder / "a.rdb", folder / "b.rdb"})
              .says("+ db 0 string \"\\x1b\\xff\\x00\""));
    CHECK(run_tool(1, {"diff", "--json", folder / "a.rdb", folder / "b.rdb"})
              .says("\"key_b64\":\"G/8A\""));
}

TEST_CASE("rdb-check/diff: a text has one digest, however its parts are cut") {
    rdb::MemoryInput input("");
    ValueDigest digest(input);
    rdb::KeyRecord key;
    key.type = rdb::find_type(rdb::Dialect::kRedis, 0);
    const std::string text = "some text of forty-odd bytes, cut somewhere";
    const auto digest_cut_at = [&](size_t cut) {
        REQUIRE(digest.begin_key(key));
        if (cut > 0) {
            REQUIRE(digest.long_string(text.size()));
            REQUIRE(digest.part(text.substr(0, cut)));
        }
        REQUIRE(digest.string(text.substr(cut)));
        REQUIRE(digest.end_key(0));
        return digest.value();
    };
    const Digest whole = digest_cut_at(0);
    for (size_t cut = 1; cut <= text.size(); ++cut) CHECK(digest_cut_at(cut) == whole);
}

TEST_CASE("rdb-check/spill: a partition gives back what was put in, in its order, file or not") {
    const TempFolder folder;
    for (const uint64_t count : {10, 100'000}) {
        PartitionedSpill<uint64_t> spill(folder.path(), 7);
        for (uint64_t i = 0; i < count; ++i) REQUIRE(spill.append(i % 7, i));
        uint64_t found = 0;
        for (uint64_t p = 0; p < 7; ++p) {
            const auto records = spill.read(p);
            REQUIRE(records.has_value());
            for (size_t i = 0; i < records->size(); ++i) found += (*records)[i] == p + 7 * i;
        }
        CHECK(found == count);
    }
}

}  // namespace
}  // namespace tidemark::rdb_check
