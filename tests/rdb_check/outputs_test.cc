// What the modes write, and what they must not: their own input, or what others can read.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

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

namespace fs = std::filesystem;

// A dump of two keys, the first of which is damaged.
std::string damaged_dump() {
    return rdb::dump("\x02\x02k1\x02\x01x\x01x\x00\x02k2\x01v"_b);
}

ToolRun run_tool(int exit, const std::vector<std::string>& args) {
    ToolRun run = run_rdb_check(args);
    CAPTURE(args[0]);
    CAPTURE(run.out);
    CHECK(run.exit == exit);
    return run;
}

// The modes that write one file, with --overwrite.
std::vector<std::vector<std::string>> writing(const std::string& input, const std::string& output) {
    return {{"salvage", input, "-o", output, "--overwrite"},
            {"fix", input, "-o", output, "--overwrite"},
            {"convert", input, "-o", output, "--overwrite"},
            {"export", input, "-o", output, "--overwrite"},
            {"merge", input, input, "--on-conflict", "first", "-o", output, "--overwrite"},
            {"report", input, "--html", output, "--overwrite"},
            {"report", input, "--keys-csv", output, "--overwrite"}};
}

TEST_CASE("rdb_check/outputs: no mode puts its output in the place of its input") {
    const TempFolder folder;
    const std::string dump = rdb::dump("\x00\x01k\x01v"_b);
    const std::string input = folder / "in.rdb";
    write_text_file(input, dump);
    fs::create_symlink(input, folder / "soft.rdb");
    fs::create_hard_link(input, folder / "hard.rdb");
    for (const char* name : {"in.rdb", "./in.rdb", "soft.rdb", "hard.rdb"}) {
        for (const auto& args : writing(input, folder / name)) {
            const auto run = run_tool(2, args);
            CHECK(run.last_line().find("name another file") != std::string::npos);
            const bool mends = args[0] == "salvage" || args[0] == "fix";
            CHECK((run.last_line().find("--in-place") != std::string::npos) == mends);
            CHECK(read_text_file(folder / name) == dump);
        }
    }
    CHECK(support::files_below(folder.path()).size() == 3);
    // What was lost would go there.
    fs::rename(input, folder / "out.lost");
    run_tool(2, {"salvage", folder / "out.lost", "-o", folder / "out"});
}

TEST_CASE("rdb_check/outputs: standard input is an input, too") {
    const TempFolder folder;
    const std::string dump = rdb::dump("\x00\x01k\x01v"_b);
    write_text_file(folder / "in.rdb", dump);
    const std::string line = fmt::format("cd {}; {} convert - -o in.rdb --overwrite < in.rdb",
                                         folder.path(), rdb_check_program());
    std::string output;
    CHECK(support::run_program({"bash", "-c", line}, support::Milliseconds(60'000), &output).code ==
          2);
    CHECK(read_text_file(folder / "in.rdb") == dump);
}

TEST_CASE("rdb_check/outputs: what one salvage left aside the next one does not write over") {
    const TempFolder folder;
    const std::string input = folder / "in.rdb";
    write_text_file(input, damaged_dump());
    write_text_file(folder / "out.lost", "of another dump");
    run_tool(3, {"salvage", input, "-o", folder / "out"});
    CHECK(read_text_file(folder / "out.lost") == "of another dump");
    write_text_file(input + ".lost", "of an earlier time");
    run_tool(5, {"salvage", input, "--in-place"});
    CHECK(read_text_file(input + ".lost.bak") == "of an earlier time");
    CHECK(read_text_file(input + ".lost").starts_with("lost "));
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

TEST_CASE("rdb_check/outputs: who cannot read the input cannot read what is made of it") {
    const TempFolder folder;
    const std::string input = folder / "in.rdb";
    write_text_file(input, rdb::dump("\x00\x01k\x01v"_b));
    chmod(input.c_str(), 0600);
    for (const auto& args : writing(input, folder / "out")) {
        if (args[0] == "fix") continue;  // there is nothing to mend
        fs::remove(folder / "out");
        run_tool(0, args);
        CHECK(mode_of(folder / "out") == 0600);
    }
    run_tool(0, {"split", input, "-o", folder / "parts", "--by-db"});
    CHECK(mode_of(folder / "parts/db-0.rdb") == 0600);
    run_tool(0, {"export", input, "--format", "aof", "-o", folder / "log"});
    for (const std::string& name : support::files_below(folder / "log"))
        CHECK(mode_of(folder / ("log/" + name)) == 0600);
    write_text_file(input, damaged_dump());
    run_tool(5, {"salvage", input, "-o", folder / "saved"});
    CHECK(mode_of(folder / "saved") == 0600);
    CHECK(mode_of(folder / "saved.lost") == 0600);
    // One that was there stays as open as its owner made it.
    chmod((folder / "out").c_str(), 0640);
    run_tool(5, {"salvage", input, "-o", folder / "out", "--overwrite"});
    CHECK(mode_of(folder / "out") == 0640);
}

}  // namespace
}  // namespace tidemark::tools
