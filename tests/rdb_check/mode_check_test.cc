// What mode check says and ends with: limits and their exit code.
#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <chrono>
#include <filesystem>
#include <sstream>

#include "tests/rdb/dump.h"
#include "tests/rdb_check/run.h"
#include "tests/support/temp_folder.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::TempFolder;
using support::write_text_file;
using tools::run_rdb_check;

// Two listpacks of hashes whose total is wrong, among strings.
std::string two_damages() {
    const std::string packed = "\x0b\x0c\x00\x00\x00\x02\x00\x01\x01\x01\x01\xff"_b;
    return rdb::dump("\x00\x01k\x01v\x10\x02h1"_b + packed + "\x00\x01m\x01v\x10\x02h2"_b + packed +
                     "\x00\x01p\x01v"_b);
}

std::string strings_of(size_t bytes) {
    std::string records;
    for (int i = 0; records.size() < bytes; ++i) {
        const std::string name = fmt::format("key:{:08}", i);
        records += "\x00\x0c"_b + name + "\x0c"_b + name;
    }
    return rdb::dump(records);
}

TEST_CASE(
    "rdb_check/mode_check: a limit that was reached makes 8, and the verdict says the damage") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", two_damages());
    const auto all = run_rdb_check({"check", folder / "dump.rdb"});
    CHECK(all.exit == 1);
    const auto one = run_rdb_check({"check", "--max-errors", "1", folder / "dump.rdb"});
    CHECK(one.exit == 8);
    CHECK(one.says("\"h1\""));
    CHECK_FALSE(one.says("\"h2\""));
    CHECK(one.last_line().find("damaged: 1 error,") != std::string::npos);
    const auto json = run_rdb_check({"check", "--json", "--max-errors", "1", folder / "dump.rdb"});
    CHECK(json.exit == 8);
    CHECK(json.says(R"("complete":false)"));
    CHECK(run_rdb_check({"check", "--max-errors", "9", folder / "dump.rdb"}).exit == 1);
}

TEST_CASE("rdb_check/mode_check: a sample and a stop make 8, unless the stop is behind the end") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", strings_of(3 << 20));
    const auto stopped = run_rdb_check({"check", "--stop-after", "1", folder / "dump.rdb"});
    CHECK(stopped.exit == 8);
    CHECK(stopped.last_line().find("so far clean") != std::string::npos);
    CHECK(run_rdb_check({"check", "--sample", "0.5", folder / "dump.rdb"}).exit == 8);
    CHECK(run_rdb_check({"check", "--stop-after", "4", folder / "dump.rdb"}).exit == 0);
    write_text_file(folder / "small.rdb", strings_of(1000));
    CHECK(run_rdb_check({"check", "--stop-after", "1", folder / "small.rdb"}).exit == 0);
}

TEST_CASE("rdb_check/mode_check: of a damaged dump that was just written a line says so") {
    const TempFolder folder;
    const std::string dump = folder / "dump.rdb";
    constexpr const char* kHint = "hint: it was written to just now";
    write_text_file(dump, two_damages());
    for (const auto& args : {std::vector<std::string>{"check", dump},
                             {"fix", dump, "-o", folder / "new.rdb"},
                             {"diff", dump, dump}}) {
        const auto run = run_rdb_check(args);
        CHECK(run.says(kHint));
        CHECK(run.last_line().find("hint") == std::string::npos);
    }
    const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::seconds(20);
    std::filesystem::last_write_time(dump, old);
    CHECK_FALSE(run_rdb_check({"check", dump}).says(kHint));
    write_text_file(dump, strings_of(100));
    CHECK_FALSE(run_rdb_check({"check", dump}).says(kHint));
}

TEST_CASE("rdb_check/mode_check: --ndjson is a finding a line, then the document without them") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", two_damages());
    const auto run = run_rdb_check({"check", "--ndjson", folder / "dump.rdb"});
    CHECK(run.exit == 1);
    std::vector<rapidjson::Document> lines;
    std::istringstream text(run.out);
    for (std::string line; std::getline(text, line);)
        CHECK_FALSE(lines.emplace_back().Parse(line.c_str()).HasParseError());
    REQUIRE(lines.size() == 3);
    CHECK(lines[0]["key"] == "h1");
    CHECK(lines[0]["end_hex"].GetString() == fmt::format("0x{:x}", lines[0]["end"].GetUint64()));
    CHECK(lines[1]["key"] == "h2");
    CHECK(lines[2]["verdict"] == "damaged");
    CHECK(run.last_line().find(R"("errors":2,)") != std::string::npos);
    CHECK(run.last_line().find("findings") == std::string::npos);
    CHECK(run_rdb_check({"check", "--ndjson", "--json", folder / "dump.rdb"}).exit == 2);
    CHECK(run_rdb_check({"check", "--ndjson", "-q", folder / "dump.rdb"}).out.empty());
    const auto none = run_rdb_check({"check", "--ndjson", folder / "missing.rdb"});
    CHECK(none.exit == 3);
    CHECK(none.last_line().starts_with("{\"schema\""));
}

TEST_CASE("rdb_check/mode_check: a version that is not known is judged so with any limit") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", rdb::dump("", "REDIS0099"));
    CHECK(run_rdb_check({"check", "--max-errors", "1", folder / "dump.rdb"}).exit == 7);
}

}  // namespace
}  // namespace tidemark::rdb_check
