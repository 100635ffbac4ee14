#include "tools/common/tool.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <rapidjson/document.h>

#include "tests/rdb/dump.h"
#include "tests/rdb_check/run.h"
#include "tests/support/temp_folder.h"

namespace tidemark::tools {
namespace {

using rdb::operator""_b;
using support::TempFolder;
using support::write_text_file;

TEST_CASE("rdb_check/tool: without a mode the file is checked, and the last line is the verdict") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", rdb::dump("\x00\x01k\x01v"_b));
    for (const auto& args : {std::vector<std::string>{folder / "dump.rdb"},
                             std::vector<std::string>{"check", folder / "dump.rdb"}}) {
        const ToolRun run = run_rdb_check(args);
        CHECK(run.exit == 0);
        CHECK(run.last_line().find("clean: 1 key") != std::string::npos);
        CHECK(run.err.empty());
    }
    CHECK(run_rdb_check({"-q", folder / "dump.rdb"}).out.empty());
}

TEST_CASE("rdb_check/tool: --json is one document with verdict, findings and exit code") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", rdb::dump("\x00\x01k\x01v"_b));
    for (const std::string& path : {folder / "dump.rdb", folder / "missing"}) {
        const ToolRun run = run_rdb_check({"check", "--json", path});
        rapidjson::Document document;
        REQUIRE_FALSE(document.Parse(run.out.c_str()).HasParseError());
        CHECK(document["schema"].GetString() == std::string("rdb-check.check/1"));
        CHECK(document["file"].GetString() == path);
        CHECK(document["findings"].IsArray());
        CHECK(document["exit_code"].GetInt() == run.exit);
    }
}

TEST_CASE("rdb_check/tool: what cannot be opened is exit 3, what cannot be understood is exit 2") {
    const TempFolder folder;
    CHECK(run_rdb_check({"check", folder / "missing"}).exit == 3);
    CHECK(run_rdb_check({folder / "missing"}).exit == 3);
    CHECK(run_rdb_check({folder.path()}).exit == 3);
    CHECK(run_rdb_check({"fix", folder.path()}).exit == 3);
    CHECK(run_rdb_check({"slavage"}).exit == 2);
    CHECK(run_rdb_check({"slavage"}).err.find("no mode and no file") != std::string::npos);
    CHECK(run_rdb_check({"check", "--no-such-option", "x"}).exit == 2);
    CHECK(run_rdb_check({}).exit == 2);
}

TEST_CASE("rdb_check/tool: options that would do nothing, or make no sense, are exit 2") {
    const TempFolder folder;
    const std::string dump = folder / "dump.rdb";
    const std::string out = folder / "out";
    write_text_file(dump, rdb::dump("\x00\x01k\x01v"_b));
    std::vector<std::string> many = {"merge", "-o", out};
    many.resize(many.size() + 257, dump);
    std::string ranges = "0";
    for (int i = 1; i < 300; ++i) ranges += fmt::format(",{}", i);
    for (const auto& args : {std::vector<std::string>{"convert", "--strict", dump, "-o", out},
                             {"export", "--strict", dump, "-o", out},
                             {"diff", "--strict", dump, dump},
                             {"cat-key", "--strict", dump, "k"},
                             {"info", "--strict", dump},
                             {"check", "--mem", "0", dump},
                             {"check", "--databases", "0", dump},
                             {"salvage", "--databases", "0", dump, "-o", out},
                             {"check", "--stop-after", "0", dump},
                             {"check", "--stop-after", "18446744073709551615", dump},
                             {"check", "--max-errors", "0", dump},
                             {"split", "--parts", "300", dump, "-o", out},
                             {"split", "--by-slots", ranges, dump, "-o", out},
                             {"check", "--db", "", dump},
                             {"check", "--slot", "", dump},
                             {"check", "--ttl", "-5", dump},
                             many}) {
        CAPTURE(args[0]);
        CAPTURE(args[1]);
        const ToolRun run = run_rdb_check(args);
        CHECK(run.exit == 2);
        const bool has_limit = args[0] == "merge" || args[0] == "split";
        const std::string named = has_limit ? "at most" : args[1].substr(2);
        CHECK((run.out + run.err).find(named) != std::string::npos);
    }
    CHECK(run_rdb_check({"check", "--strict", dump}).exit == 0);
    CHECK(run_rdb_check({"report", "--strict", dump}).exit == 0);
    CHECK(run_rdb_check({"check", "--ttl", "-5..0", dump}).exit == 0);
    CHECK(support::files_below(folder.path()).size() == 1);
}

TEST_CASE("rdb_check/tool: the verdict says when duplicates were not looked for") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", rdb::dump("\x00\x01k\x01v\x00\x01k\x01v"_b));
    const ToolRun run = run_rdb_check({"check", "--no-dup", folder / "dump.rdb"});
    CHECK(run.exit == 0);
    CHECK(run.last_line().ends_with("; keys that are there twice were not looked for"));
}

TEST_CASE("rdb_check/tool: --help lists the modes, and each mode's ends with examples") {
    const ToolRun overview = run_rdb_check({"--help"});
    CHECK(overview.exit == 0);
    for (const Mode& mode : rdb_check::tool().modes) {
        CHECK(overview.says(mode.name));
        const ToolRun help = run_rdb_check({std::string(mode.name), "--help"});
        CHECK(help.exit == 0);
        CHECK(help.says("Examples:\n  rdb-check "));
    }
}

TEST_CASE("rdb_check/tool: text of strangers cannot break out of its quotes") {
    CHECK(escape("a\"b\\\x1b[2J\n\xff") == "a\\\"b\\\\\\x1b[2J\\x0a\\xff");
    CHECK(base64("") == "");
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(is_utf8("h\xc3\xa9 \xf0\x9f\x8c\x8a"));
    for (const char* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff"})
        CHECK_FALSE(is_utf8(bad));
}

}  // namespace
}  // namespace tidemark::tools
