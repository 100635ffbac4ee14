// Modes split and merge: nothing is lost, and nothing is in two places.
#include <fmt/format.h>
#include <unistd.h>

#include "tests/rdb/dump.h"
#include "tests/rdb_modes/world.h"
#include "tools/rdb_check/key_slot.h"
#include "tools/rdb_check/split_rule.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::files_below;
using support::TempFolder;
using support::write_text_file;

std::vector<std::string> merge_of(const std::string& folder, const std::string& output) {
    std::vector<std::string> args = {"merge", "-o", output};
    for (const std::string& name : files_below(folder)) args.push_back(folder + "/" + name);
    return args;
}

void check_back_together(const std::vector<std::string>& how) {
    const TempFolder folder;
    const std::string parts = folder / "parts";
    std::vector<std::string> args = {"split", world().dump, "-o", parts};
    args.insert(args.end(), how.begin(), how.end());
    run_tool(0, args);
    REQUIRE(files_below(parts).size() > 1);
    run_tool(0, merge_of(parts, folder / "all.rdb"));
    run_tool(0, {"diff", world().dump, folder / "all.rdb"});
}

TEST_CASE("rdb-check/split: what is split and merged again is the same data") {
    check_back_together({"--parts", "5"});
    check_back_together({"--by-slots", "0..99,200..16000", "--no-seal"});
    check_back_together({"--by-db"});
    check_back_together({"--by-prefix", ":"});
}

TEST_CASE("rdb-check/split: a server loads each part, and the merge holds what the world held") {
    const TempFolder folder;
    const std::string parts = folder / "parts";
    run_tool(0, {"split", world().dump, "-o", parts, "--parts", "2"});
    size_t keys = 0;
    for (const std::string& name : files_below(parts)) {
        const TempFolder data;
        const auto server = serve_file(data.path(), parts + "/" + name);
        support::Client client = server->connect();
        keys += rdb::view_of(client).size();
        CHECK(rdb::functions_of(client) == world().functions);
    }
    CHECK(keys == world().view.size());
    run_tool(0, merge_of(parts, folder / "all.rdb"));
    const TempFolder data;
    check_same_world(*serve_file(data.path(), folder / "all.rdb"));
}

TEST_CASE("rdb-check/split: each file holds its slots and no others") {
    const TempFolder folder;
    const std::string parts = folder / "parts";
    run_tool(0, {"split", world().dump, "-o", parts, "--by-slots", "0..5000,9000..16383"});
    CHECK(files_below(parts) ==
          std::vector<std::string>{"rest.rdb", "slots-0-5000.rdb", "slots-9000-16383.rdb"});
    const auto none = [&](const char* file, const char* where) {
        const auto run = run_tool(0, {"export", parts + "/" + file, "--where", where});
        CHECK_MESSAGE(run.out.find("\"key") == std::string::npos, where);
    };
    none("rest.rdb", "not slot=5001..8999");
    none("slots-0-5000.rdb", "not slot=..5000");
    none("slots-9000-16383.rdb", "not slot=9000..");
}

TEST_CASE("rdb-check/split: rules name files that are safe, and different where prefixes are") {
    const SplitRule rule = *SplitRule::by_prefix("::");
    CHECK(rule.file_of(0, "user::1") == "prefix-user");
    CHECK(rule.file_of(0, "user:1") == "rest");
    CHECK(rule.file_of(0, "::x") == "prefix-");
    CHECK(rule.file_of(0, "../a b::x") == "prefix-..%2fa%20b");
    CHECK(rule.file_of(0, "..%2f::x") == "prefix-..%252f");
    CHECK(rule.file_of(0, std::string(65, 'p') + "::x") == "long-prefixes");
    CHECK(SplitRule::by_db().file_of(7, "k") == "db-7");
    CHECK_FALSE(SplitRule::by_slots("0..5,5..9").has_value());
    CHECK_FALSE(SplitRule::by_slots("0..16384").has_value());
    CHECK_FALSE(SplitRule::in_parts(0).has_value());
    const SplitRule parts = *SplitRule::in_parts(3);
    CHECK(parts.files_in_any_case() ==
          std::vector<std::string>{"slots-0-5460", "slots-5461-10921", "slots-10922-16383"});
}

TEST_CASE(
    "rdb-check/split: too many files, an existing folder, two rules: nothing is left behind") {
    const TempFolder folder;
    std::string records;
    for (int i = 0; i < 300; ++i) records += fmt::format("{}{}{:03}:x{}v", '\0', '\x05', i, '\x01');
    write_text_file(folder / "in.rdb", rdb::dump(records));
    const std::string parts = folder / "parts";
    run_tool(8, {"split", folder / "in.rdb", "-o", parts, "--by-prefix", ":"});
    run_tool(2, {"split", folder / "in.rdb", "-o", parts, "--by-db", "--parts", "3"});
    run_tool(2, {"split", folder / "in.rdb", "-o", parts});
    CHECK(files_below(folder.path()) == std::vector<std::string>{"in.rdb"});
    run_tool(0, {"split", folder / "in.rdb", "-o", parts, "--by-db"});
    CHECK(run_tool(3, {"split", folder / "in.rdb", "-o", parts, "--by-db"}).says("exists already"));
}

struct Two {
    TempFolder folder;
    std::string a = folder / "a.rdb";
    std::string b = folder / "b.rdb";
    std::string out = folder / "out.rdb";

    Two() {
        write_text_file(a, rdb::dump("\x00\x01x\x01"
                                     "1\x00\x01k\x01"
                                     "a"_b));
        // With an expiry, and compressed: a rename must not touch them.
        write_text_file(b, rdb::dump("\xfc\x00\x00\x00\x00\x00\x40\x00\x00\x00\x01k\xc3\x05\x14\x00"
                                     "b\xe0\x0a\x00\x00\x01y\x01"
                                     "2"_b));
    }
    std::string merged(std::vector<std::string> options, int exit = 0) {
        std::vector<std::string> args = {"merge", a, b, "-o", out, "--overwrite"};
        args.insert(args.end(), options.begin(), options.end());
        run_tool(exit, args);
        const auto run = run_tool(0, {"export", "--format", "csv", out});
        return run.out.substr(run.out.find('\n') + 1);
    }
};

TEST_CASE("rdb-check/merge: a name that two files have goes as the policy says") {
    Two two;
    const std::string b20(20, 'b');
    const std::string x = "0,\"x\",string,,,,\"1\",,\n";
    const std::string y = "0,\"y\",string,,,,\"2\",,\n";
    const std::string first = "0,\"k\",string,,,,\"a\",,\n";
    const auto second = [&](const char* name) {
        return fmt::format("0,\"{}\",string,70368744177664,,,\"{}\",,\n", name, b20);
    };
    CHECK(two.merged({"--on-conflict", "first"}) == x + first + y);
    CHECK(two.merged({"--on-conflict", "last"}) == x + second("k") + y);
    CHECK(two.merged({"--on-conflict", "rename"}) == x + first + second("k@2") + y);
    CHECK(two.merged({"--on-conflict", "rename", "--suffix", ".from-"}) ==
          x + first + second("k.from-2") + y);
}

TEST_CASE("rdb-check/merge: without a policy a conflict is named and nothing is written") {
    const Two two;
    const auto run = run_tool(1, {"merge", two.a, two.b, "-o", two.out});
    CHECK(run.says("key \"k\" of db 0 has come before"));
    CHECK(run.last_line().find("--on-conflict") != std::string::npos);
    CHECK_FALSE(exists(two.out));
    // The same name in another database is another key.
    write_text_file(two.a, rdb::dump("\xfe\x02\x00\x01k\x01"
                                     "a"_b));
    run_tool(0, {"merge", two.a, two.b, "-o", two.out});
}

TEST_CASE("rdb-check/merge: a new name that is taken too is refused") {
    const Two two;
    write_text_file(two.a, rdb::dump("\x00\x01k\x01"
                                     "a\x00\x03k@2\x01"
                                     "a"_b));
    const auto run = run_tool(3, {"merge", two.a, two.b, "-o", two.out, "--on-conflict", "rename"});
    CHECK(run.says("--suffix"));
    CHECK_FALSE(exists(two.out));
}

TEST_CASE("rdb-check/merge: libraries come once, and two that differ need a policy") {
    const Two two;
    write_text_file(two.a, rdb::dump("\xf5\x0f#!lua name=a\n--"));
    write_text_file(two.b, rdb::dump("\xf5\x0f#!lua name=a\n--"));
    run_tool(0, {"merge", two.a, two.b, "-o", two.out});
    run_tool(0, {"diff", two.a, two.out});
    write_text_file(two.b, rdb::dump("\xf5\x0f#!lua name=a\n++"));
    unlink(two.out.c_str());
    for (const char* policy : {"fail", "rename"}) {
        const auto run =
            run_tool(1, {"merge", two.a, two.b, "-o", two.out, "--on-conflict", policy});
        CHECK(run.says("b.rdb: library of functions \"a\" has come before"));
        CHECK(run.last_line().find("--on-conflict first or last") != std::string::npos);
        CHECK_FALSE(exists(two.out));
    }
    for (const char* policy : {"first", "last"}) {
        const auto run = run_tool(
            0, {"merge", two.a, two.b, "-o", two.out, "--overwrite", "--on-conflict", policy});
        CHECK(run.last_line().find("libraries of functions dropped") != std::string::npos);
        run_tool(0, {"diff", policy == std::string_view("first") ? two.a : two.b, two.out});
    }
}

TEST_CASE("rdb-check/merge: the newest version wins, and dialects do not mix") {
    const Two two;
    write_text_file(two.a, rdb::dump("", "REDIS0003"));
    run_tool(0, {"merge", two.a, two.b, "-o", two.out});
    CHECK(support::read_text_file(two.out).starts_with("REDIS0011"));
    write_text_file(two.a, rdb::dump("", "VALKEY080"));
    CHECK(run_tool(2, {"merge", two.a, two.b, "-o", two.out, "--overwrite"}).says("convert"));
}

}  // namespace
}  // namespace tidemark::rdb_check
