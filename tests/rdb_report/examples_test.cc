// What --help and the man page show as examples of the mode works as it stands there.
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

// Of --help, then of the man page, without its backslashes.
std::string all_examples() {
    const auto modes = rdb_check::tool().modes;
    const auto mode = std::find_if(modes.begin(), modes.end(),
                                   [](const tools::Mode& one) { return one.name == "report"; });
    REQUIRE(mode != modes.end());
    std::string examples(mode->examples);
    std::istringstream page(support::read_text_file(TIDEMARK_SOURCE_ROOT "/tools/man/rdb-check.1"));
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with(".B rdb-check report ")) continue;
        line.erase(std::remove(line.begin(), line.end(), '\\'), line.end());
        examples += '\n' + line.substr(3);
    }
    return examples;
}

}  // namespace

TEST_CASE("rdb_report/examples: each example of --help and of the man page works") {
    std::istringstream lines(all_examples());
    int examples = 0;
    for (std::string line; std::getline(lines, line); ++examples) {
        const support::TempFolder folder;
        const std::string dump = rdb::dump(string_record("user:1:name", "x"));
        for (const char* name : {"dump.rdb", "dump.rdb.zst"})  // what it is shows in its bytes
            support::write_text_file(folder / name, dump);
        std::vector<std::string> words = words_of(line, folder);
        REQUIRE(words.front() == "rdb-check");
        words.erase(words.begin());
        const tools::ToolRun run = tools::run_rdb_check(words);
        CHECK_MESSAGE(run.exit == 0, line, run.out, run.err);
    }
    CHECK(examples >= 9);
}

}  // namespace tidemark::rdb_report
