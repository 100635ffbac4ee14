// Mode cat-key, and what every mode does with input that is no dump.
#include <fmt/format.h>
#include <rapidjson/document.h>

#include "tests/rdb/dump.h"
#include "tests/rdb_modes/world.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::TempFolder;
using support::write_text_file;

TEST_CASE("rdb-check/cat-key: a stream is shown with groups, pending entries and consumers") {
    const auto run = run_tool(0, {"cat-key", world().dump, "stream:groups"});
    CHECK(run.says("stream \"stream:groups\" of db 9"));
    CHECK(run.says("\n  400-1\n    \"other\" = \"fields\"\n    \"in\" = \"this\"\n"));
    CHECK(
        run.says("  499 live, 501 added in all, first id 1-2, last id 400-1, deleted up to 30-88"));
    CHECK(run.says("  group \"late\": "));
    CHECK(run.says("  group \"readers\": "));
    CHECK(run.says(", 27 pending\n"));
    CHECK(run.says("    consumer \"one\": seen at "));
    CHECK(run.says("    pending 2-4, delivered once, last at "));
    CHECK(run.last_line().find("\"stream:groups\" found") != std::string::npos);
}

TEST_CASE("rdb-check/cat-key: as JSON it is one document") {
    const auto run = run_tool(0, {"cat-key", "--json", world().dump, "stream:groups"});
    rapidjson::Document document;
    REQUIRE_FALSE(document.Parse(run.out.c_str()).HasParseError());
    const auto& key = document["keys"][0];
    CHECK(key["entries"].Size() == 499);
    CHECK(key["groups"].Size() == 2);
    const auto& readers = key["groups"][1];
    CHECK(std::string(readers["name"].GetString()) == "readers");
    CHECK(readers["pending"].Size() == 27);
    CHECK(readers["consumers"].Size() == 3);
    CHECK(document["exit_code"].GetInt() == 0);
}

std::string catted(std::string_view records, std::vector<std::string> words, int exit = 0) {
    const TempFolder folder;
    write_text_file(folder / "in.rdb", rdb::dump(records));
    std::vector<std::string> args = {"cat-key", folder / "in.rdb"};
    args.insert(args.end(), words.begin(), words.end());
    return run_tool(exit, args).out;
}

TEST_CASE("rdb-check/cat-key: each kind of value, an element a line, nothing raw") {
    CHECK(catted("\xfc\x00\xe8\x76\x48\x17\x00\x00\x00\x00\x01s\x03"
                 "a\x1b\""_b,
                 {"s"})
              .starts_with("string \"s\" of db 0 (plain), expires at 100000000000 "
                           "(1973-03-03 09:46:40 UTC)\n  \"a\\x1b\\\"\"\n  bytes 9"));
    CHECK(catted("\x01\x01l\x02\x01"
                 "a\x01"
                 "b"_b,
                 {"l"})
              .find("  2 elements\n  0: \"a\"\n  1: \"b\"\n") != std::string::npos);
    CHECK(catted("\x03\x01z\x01\x01"
                 "a\x03"
                 "1.5"_b,
                 {"z"})
              .find("  \"a\" score 1.5\n") != std::string::npos);
    CHECK(catted("\x04\x01h\x01\x01"
                 "f\x01v"_b,
                 {"h"})
              .find("  \"f\" = \"v\"\n") != std::string::npos);
}

TEST_CASE("rdb-check/cat-key: a key is found by its bytes, in every db or in one, or not at all") {
    const std::string two =
        "\xfe\x00\x00\x02k\xff\x01"
        "0\xfe\x05\x00\x02k\xff\x01"
        "5"_b;
    CHECK(catted(two, {"--escaped", "k\\xff"}).find("found 2 times") != std::string::npos);
    CHECK(catted(two, {"k\xff", "--db", "5"}).find("of db 0") == std::string::npos);
    CHECK(catted(two, {"k"}, 1).find("no key \"k\" among 2 keys") != std::string::npos);
    CHECK(catted(two, {"--escaped", "\\q"}, 2).find("column") != std::string::npos);
}

TEST_CASE("rdb-check/modes: filters may stand in front of the files, and are explained in --help") {
    const TempFolder folder;
    const std::string a = folder / "a.rdb";
    write_text_file(a, rdb::dump("\x00\x01k\x01v"_b));
    const std::string out = folder / "out.rdb";
    run_tool(0, {"merge", "-o", out, "--key", "k", "--key", "l", "--where", "db=0", a});
    CHECK(run_tool(0, {"diff", "--where", "db=0", a, out}).says("1 key"));
    for (const char* mode : {"export", "convert", "diff", "split", "merge", "cat-key"})
        CHECK(run_tool(0, {mode, "--help"}).says("and not slot=0..8191\""));
}

TEST_CASE("rdb-check/modes: a dump cut anywhere is one sentence and exit code 1 in every mode") {
    const TempFolder folder;
    const std::string whole = rdb::dump(
        "\xfe\x00\x00\x01k\x01v\x04\x01h\x01\x01"
        "f\x01v"
        "\xf5\x0f#!lua name=a\n--"_b);
    const std::string in = folder / "in.rdb";
    write_text_file(folder / "whole.rdb", whole);
    for (size_t size = 1; size < whole.size(); ++size) {
        CAPTURE(size);
        write_text_file(in, whole.substr(0, size));
        const auto fails = [&](std::vector<std::string> args) {
            args.emplace_back("--force");  // not waiting to see whether it grows
            const auto run = run_tool(1, args);
            CHECK_FALSE((run.out + run.err).empty());
        };
        fails({"export", in, "-o", folder / "out"});
        fails({"export", "--format", "aof", in, "-o", folder / "out"});
        fails({"convert", in, "-o", folder / "out"});
        fails({"diff", folder / "whole.rdb", in});
        fails({"split", "--by-db", in, "-o", folder / "out"});
        fails({"merge", folder / "whole.rdb", in, "-o", folder / "out"});
        fails({"cat-key", in, "h"});
        REQUIRE(support::files_below(folder.path()) ==
                std::vector<std::string>{"in.rdb", "whole.rdb"});
    }
}

TEST_CASE("rdb-check/modes: no file, other formats, nothing: the exit code says which") {
    const TempFolder folder;
    const std::string in = folder / "in.rdb";
    const auto each = [&](int exit) {
        run_tool(exit, {"export", in, "-o", folder / "out"});
        run_tool(exit, {"convert", in, "-o", folder / "out"});
        run_tool(exit, {"diff", in, in});
        run_tool(exit, {"split", "--by-db", in, "-o", folder / "out"});
        run_tool(exit, {"merge", in, in, "-o", folder / "out"});
        run_tool(exit, {"cat-key", in, "k"});
        CHECK_FALSE(exists(folder / "out"));
    };
    each(3);
    write_text_file(in, "");
    each(1);
    write_text_file(in, std::string(1000, 'x'));
    each(1);
    write_text_file(in, rdb::dump("", "REDIS0099"));
    each(7);
}

TEST_CASE("rdb-check/modes: flipped bits end in an error or in a result, never in a crash") {
    const TempFolder folder;
    const std::string in = folder / "in.rdb";
    const std::string whole = rdb::dump(
        "\xfe\x00\x00\x01k\x01v\x04\x01h\x01\x01"
        "f\x01v"
        "\x03\x01z\x01\x01"
        "a\x03"
        "1.5"_b);
    for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
        std::string flipped = whole;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
        // Without a checksum more goes through.
        flipped.replace(flipped.size() - 8, 8, std::string(8, '\0'));
        write_text_file(in, flipped);
        tools::run_rdb_check({"export", "--force", "--format", "json", in});
        tools::run_rdb_check({"diff", "--force", in, in});
        // A file that is written is synced, which takes its time.
        if (bit % 64 == 0)
            tools::run_rdb_check(
                {"convert", "--force", "--expand", in, "-o", folder / "out", "--overwrite"});
    }
}

}  // namespace
}  // namespace tidemark::rdb_check
