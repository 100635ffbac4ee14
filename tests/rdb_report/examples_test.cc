// What --help shows as examples of the mode works as it stands there.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "tests/rdb/dump.h"
#include "tests/rdb_check/run.h"
#include "tests/rdb_report/records.h"
#include "tests/support/temp_folder.h"

namespace tidemark::rdb_report {

namespace {

// As a shell would, of words and 'quoted words'. Files are named inside of `folder`.
std::vector<std::string> words_of(const std::string& line, const support::TempFolder& folder) {
    std::vector<std::string> words(1);
    bool is_quoted = false;
    for (const char c : line) {
        if (c == '\'') is_quoted = !is_quoted;
        if (c == ' ' && !is_quoted) {
            words.emplace_back();
        } else if (c != '\'') {
            words.back() += c;
        }
    }
    for (std::string& word : words) {
        const bool is_file = word.find(".rdb") != std::string::npos || word.ends_with(".html") ||
                             word.ends_with(".csv");
        if (is_file) word = folder / word;
    }
    return words;
}

}  // namespace

TEST_CASE("rdb_report/examples: each example of --help works") {
    const auto modes = rdb_check::tool().modes;
    const auto mode = std::find_if(modes.begin(), modes.end(),
                                   [](const tools::Mode& one) { return one.name == "report"; });
    REQUIRE(mode != modes.end());
    const support::TempFolder folder;
    const std::string dump = rdb::dump(string_record("user:1:name", "x"));
    for (const char* name : {"dump.rdb", "dump.rdb.zst"})  // what it is shows in its bytes
        support::write_text_file(folder / name, dump);
    std::istringstream lines{std::string(mode->examples)};
    int examples = 0;
    for (std::string line; std::getline(lines, line); ++examples) {
        std::vector<std::string> words = words_of(line, folder);
        REQUIRE(words.front() == "rdb-check");
        words.erase(words.begin());
        const tools::ToolRun run = tools::run_rdb_check(words);
        CHECK_MESSAGE(run.exit == 0, line, run.out, run.err);
    }
    CHECK(examples >= 5);
}

}  // namespace tidemark::rdb_report
