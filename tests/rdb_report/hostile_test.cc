// Keys that want to be markup, formulas or terminal commands; dumps that end early; outputs that
// cannot be written.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>

#include "base/random.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_check/run.h"
#include "tests/rdb_report/records.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tools/common/text.h"

namespace tidemark::rdb_report {

namespace {

using rdb::operator""_b;
using support::TempFolder;
using tools::run_rdb_check;
using tools::ToolRun;

const std::vector<std::string> kHostileKeys = {
    "</script><script>document.title='pwned'</script>:x",
    "<img src=x onerror=\"document.title='pwned'\">:x",
    "\"'><svg onload=document.title='pwned'>:y",
    "nul\0inside:k"_b,
    "\xff\xfe not text:k",
    "\xe2\x80\xaetxt.exe:k",
    "\x1b[2J\x1b]0;pwned\x07:k",
    "=cmd|' /C calc'!A1",
    "line\nbreak,comma\"quote",
    "</style>:\xf0\x9f\x8c\x8a",
    ":::",
    "",
};

std::string hostile_dump() {
    std::string records = "\xfa\x09redis-ver\x0a<b>7.0</b>"_b;
    for (const std::string& key : kHostileKeys) records += string_record(key, key + key);
    return rdb::dump(records);
}

}  // namespace

TEST_CASE("rdb_report/hostile: keys stay text in the page") {
    const TempFolder folder;
    support::write_text_file(folder / "dump.rdb", hostile_dump());
    REQUIRE(run_rdb_check({"report", "--html", folder / "r.html", folder / "dump.rdb"}).exit == 0);
    const std::string page = support::read_text_file(folder / "r.html");
    CHECK(count(page, "<script") == 1);
    CHECK(count(page, "</script") == 1);
    CHECK(count(page, "</style") == 1);
    CHECK(count(page, "<img") + count(page, "<svg") + count(page, "<b>7.0") == 0);
    CHECK(page.find('\0') == std::string::npos);
    CHECK(page.find('\x1b') == std::string::npos);
    CHECK(tools::is_utf8(page));
    CHECK(count(page, "nul\\x00inside") > 0);
    CHECK(count(page, "🌊") > 0);
}

TEST_CASE("rdb_report/hostile: keys come back from JSON as they are") {
    const TempFolder folder;
    support::write_text_file(folder / "dump.rdb", hostile_dump());
    const ToolRun run = run_rdb_check({"report", "--json", folder / "dump.rdb"});
    rapidjson::Document document;
    REQUIRE_FALSE(document.Parse(run.out.c_str()).HasParseError());
    std::vector<std::string> keys;
    for (const auto& key : document["top"]["size"].GetArray()) {
        keys.push_back(key.HasMember("key")
                           ? std::string(key["key"].GetString(), key["key"].GetStringLength())
                           : std::string(key["key_b64"].GetString()));
    }
    CHECK(keys.size() == kHostileKeys.size());
    for (const std::string& key : kHostileKeys) {
        const std::string expected = tools::is_utf8(key) ? key : tools::base64(key);
        CHECK_MESSAGE(std::find(keys.begin(), keys.end(), expected) != keys.end(), expected);
    }
}

TEST_CASE("rdb_report/hostile: nothing in the text acts upon a terminal, CSV rows stay rows") {
    const TempFolder folder;
    support::write_text_file(folder / "dump.rdb", hostile_dump());
    const ToolRun text = run_rdb_check({"report", folder / "dump.rdb"});
    for (const char c : text.out) REQUIRE((c == '\n' || (c >= ' ' && c <= '~')));
    const ToolRun csv = run_rdb_check({"report", "--keys-csv", "-", folder / "dump.rdb"});
    CHECK(count(csv.out, "\n") == 1 + kHostileKeys.size());
    CHECK(count(csv.out, "\"'=cmd") == 1);
    CHECK(csv.err.find("reported: 12 keys") != std::string::npos);
    const ToolRun tables = run_rdb_check({"report", "--csv", "-", folder / "dump.rdb"});
    CHECK(tables.out.starts_with("table,db,type,encoding,name,"));
}

TEST_CASE("rdb_report/hostile: a dump cut at any byte is reported up to there") {
    const TempFolder folder;
    const std::string bytes = hostile_dump();
    for (size_t end = 0; end < bytes.size(); ++end) {
        support::write_text_file(folder / "cut.rdb", bytes.substr(0, end));
        // --force: files that were just written are looked at twice otherwise.
        std::vector<std::string> args = {"report", "--force", "--json", folder / "cut.rdb"};
        // A page is synced to disk, which is slow on a busy one.
        const bool has_page = end % 40 == 0;
        if (has_page) args.insert(args.end(), {"--overwrite", "--html", folder / "r.html"});
        const ToolRun run = run_rdb_check(args);
        INFO(end, " ", run.out);
        REQUIRE(run.exit == 1);
        rapidjson::Document document;
        REQUIRE_FALSE(document.Parse(run.out.c_str()).HasParseError());
        REQUIRE_FALSE(document["summary"]["complete"].GetBool());
        REQUIRE(document["findings"].Size() == 1);
        if (has_page) REQUIRE(count(support::read_text_file(folder / "r.html"), "Incomplete") == 1);
    }
}

TEST_CASE("rdb_report/hostile: flipped bits end in a report or a finding") {
    const TempFolder folder;
    const std::string bytes = hostile_dump();
    Random random(11);
    const int flips = support::rounds(1000, 20'000);
    for (int i = 0; i < flips; ++i) {
        std::string flipped = bytes;
        flipped[random.below(flipped.size())] ^= static_cast<char>(1 << random.below(8));
        support::write_text_file(folder / "flipped.rdb", flipped);
        const ToolRun run = run_rdb_check({"report", "--force", "--json", folder / "flipped.rdb"});
        INFO(i, " ", run.out);
        rapidjson::Document document;
        REQUIRE_FALSE(document.Parse(run.out.c_str()).HasParseError());
        REQUIRE((run.exit == 0 || run.exit == 1 || run.exit == 7));
    }
}

TEST_CASE("rdb_report/outputs: existing files are kept unless told, and nothing is half-written") {
    const TempFolder folder;
    support::write_text_file(folder / "dump.rdb", hostile_dump());
    support::write_text_file(folder / "r.html", "mine");
    const auto report = [&](const std::vector<std::string>& more) {
        std::vector<std::string> args = {"report", folder / "dump.rdb", "--html",
                                         folder / "r.html"};
        args.insert(args.end(), more.begin(), more.end());
        return run_rdb_check(args);
    };
    CHECK(report({}).exit != 0);
    CHECK(support::read_text_file(folder / "r.html") == "mine");
    CHECK(report({"--overwrite"}).exit == 0);
    CHECK(support::read_text_file(folder / "r.html").starts_with("<!doctype html>"));
    CHECK(report({"--csv", folder / "no/such/folder.csv", "--overwrite"}).exit == 3);
    CHECK(run_rdb_check({"report", folder / "missing.rdb", "--html", folder / "new.html"}).exit ==
          3);
    CHECK(support::files_below(folder.path()) == std::vector<std::string>{"dump.rdb", "r.html"});
}

TEST_CASE("rdb_report/outputs: only one of them goes to stdout") {
    const TempFolder folder;
    support::write_text_file(folder / "dump.rdb", hostile_dump());
    for (const auto& more : {std::vector<std::string>{"--html", "-", "--csv", "-"},
                             std::vector<std::string>{"--html", "-", "--json"}}) {
        std::vector<std::string> args = {"report", folder / "dump.rdb"};
        args.insert(args.end(), more.begin(), more.end());
        CHECK(run_rdb_check(args).exit == 2);
    }
    const ToolRun page = run_rdb_check({"report", folder / "dump.rdb", "--html", "-"});
    CHECK(page.out.starts_with("<!doctype html>"));
    CHECK(page.out.ends_with("</html>\n"));
}

TEST_CASE("rdb_report/outputs: options out of range are refused") {
    const TempFolder folder;
    support::write_text_file(folder / "dump.rdb", hostile_dump());
    for (const auto& [option, value] :
         {std::pair{"--top", "0"}, std::pair{"--top", "100000"}, std::pair{"--levels", "0"},
          std::pair{"--prefixes", "1"}, std::pair{"--where", "size<"}})
        CHECK(run_rdb_check({"report", folder / "dump.rdb", option, value}).exit == 2);
}

TEST_CASE("rdb_report/page: stays small, however many prefixes the dump has") {
    const TempFolder folder;
    std::string records;
    for (int i = 0; i < 20'000; ++i)
        records += string_record(fmt::format("{}:{}:{}:{}", i % 7, i % 133, i, i), "value");
    support::write_text_file(folder / "dump.rdb", rdb::dump(records));
    REQUIRE(run_rdb_check({"report", "--html", folder / "r.html", folder / "dump.rdb"}).exit == 0);
    CHECK(std::filesystem::file_size(folder / "r.html") < 1'000'000);
}

TEST_CASE("rdb_report/page: an empty dump has a page, too") {
    const TempFolder folder;
    support::write_text_file(folder / "dump.rdb", rdb::dump(""));
    CHECK(run_rdb_check({"report", "--html", folder / "r.html", folder / "dump.rdb"}).exit == 0);
    CHECK(count(support::read_text_file(folder / "r.html"), "Nothing to show") > 0);
}

}  // namespace tidemark::rdb_report
