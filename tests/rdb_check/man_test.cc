// The examples of the man page and of --help are run; completion offers what the program has.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "tests/rdb/dump.h"
#include "tests/rdb_check/program.h"
#include "tests/rdb_check/run.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace tidemark::tools {
namespace {

using rdb::operator""_b;
using support::read_text_file;
using support::TempFolder;
using support::write_text_file;

const std::string kSource = TIDEMARK_SOURCE_ROOT;

// Those of the modes whose tests these are; the other modes' suites run theirs.
constexpr std::string_view kModes[] = {"rdb-check check", "rdb-check fix",    "rdb-check salvage",
                                       "rdb-check info",  "rdb-check --json", "rdb-check dump.rdb"};

std::vector<std::string> examples() {
    std::vector<std::string> lines;
    const auto add = [&](std::string line) {
        for (const std::string_view mode : kModes) {
            if (line.starts_with(mode)) {
                lines.push_back(std::move(line));
                return;
            }
        }
    };
    std::istringstream page(read_text_file(kSource + "/tools/man/rdb-check.1"));
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with(".B rdb-check ")) continue;
        std::string plain;
        for (const char c : line.substr(3)) plain += c == '\\' ? "" : std::string(1, c);
        add(plain);
    }
    for (const Mode& mode : rdb_check::tool().modes) {
        std::istringstream text{std::string(mode.examples)};
        for (std::string line; std::getline(text, line);) add(line);
    }
    return lines;
}

TEST_CASE("rdb_check/man: each example of these modes runs as it is written") {
    const std::string damaged = rdb::dump("\x00\x01k\x01v"_b).replace(12, 1, "\x03");
    size_t run = 0;
    for (const std::string& line : examples()) {
        const TempFolder folder;
        write_text_file(folder / "dump.rdb", damaged);
        write_text_file(folder / "dump.rdb.gz", damaged);
        std::string output;
        const auto status = support::run_program(
            {"bash", "-c",
             fmt::format("cd {} && PATH={}:$PATH && {}", folder.path(),
                         std::filesystem::path(rdb_check_program()).parent_path().string(), line)},
            support::Milliseconds(30'000), &output);
        CAPTURE(line);
        CAPTURE(output);
        CHECK((status.code == 0 || status.code == 1 || status.code == 4 || status.code == 5));
        CHECK(output.find("dump.rdb") != std::string::npos);
        ++run;
    }
    CHECK(run >= 8);
}

TEST_CASE("rdb_check/man: each mode has a part of the page with an example") {
    const std::string page = read_text_file(kSource + "/tools/man/rdb-check.1");
    for (const Mode& mode : rdb_check::tool().modes) {
        CAPTURE(mode.name);
        CHECK(page.find(fmt::format("\n.SS {}\n", mode.name)) != std::string::npos);
        CHECK(page.find(fmt::format("\n.B rdb-check {}", mode.name)) != std::string::npos);
    }
}

TEST_CASE("rdb_check/man: bash completes modes and their options") {
    const auto complete = [](const std::string& words, int at, const std::string& word) {
        std::string output;
        support::run_program(
            {"bash", "-c",
             fmt::format("PATH={}:$PATH; source {}/tools/completion/offline-tools.bash; "
                         "COMP_WORDS=({}); COMP_CWORD={}; _tidemark_offline_tool rdb-check '{}'; "
                         "echo \"${{COMPREPLY[*]}}\"",
                         std::filesystem::path(rdb_check_program()).parent_path().string(), kSource,
                         words, at, word)},
            support::Milliseconds(30'000), &output);
        return output;
    };
    CHECK(complete("rdb-check sal", 1, "sal").find("salvage") != std::string::npos);
    CHECK(complete("rdb-check fix --dry", 2, "--dry").find("--dry-run") != std::string::npos);
    CHECK(complete("rdb-check --js", 1, "--js").find("--json") != std::string::npos);
}

}  // namespace
}  // namespace tidemark::tools
