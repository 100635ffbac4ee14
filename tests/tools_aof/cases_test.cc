// The fixtures' log folders: the verdict on each, what fix and salvage make of it, and that both
// redis-server and this project's server load the result.
#include <doctest/doctest.h>

#include "tests/support/server_process.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;
using support::ServerKind;

struct Case {
    const char* name;
    int check;
    int fix;           // 0: nothing to do
    int keys;          // afterwards
    int salvage_keys;  // after salvage instead
};

constexpr Case kCases[] = {
    {"ok-basic", 0, 0, 7, 7},
    {"ok-two-incr-gap", 0, 0, 3, 3},
    {"ok-extra-kv", 0, 0, 7, 7},
    {"ok-history", 0, 0, 7, 7},
    {"ok-history-missing", 0, 0, 7, 7},
    {"ok-incr-only", 0, 0, 6, 6},
    {"ok-multi", 0, 0, 3, 3},
    {"ok-quoted-name", 0, 0, 7, 7},
    {"ok-big-arg", 0, 0, 2, 2},
    // Cut short at the end: a server cuts it off and starts, at the price of that record.
    {"trunc-mid-arg", 1, 5, 6, 6},
    {"trunc-mid-crlf", 1, 5, 6, 6},
    {"trunc-star-only", 1, 5, 7, 7},
    {"trunc-multi", 1, 5, 2, 2},
    {"trunc-multi-mid", 1, 5, 2, 2},
    // A hole: fix ends the log in front of it, salvage keeps what lies behind.
    {"trunc-not-last", 1, 5, 6, 7},
    {"zero-hole", 1, 5, 2, 3},
    {"garbage-mid", 1, 5, 2, 4},
    {"bad-bulk-len", 1, 5, 2, 3},
    {"neg-bulk-len", 1, 5, 2, 2},
    {"huge-argc", 1, 5, 2, 2},
    {"unknown-command", 1, 5, 2, 3},
    {"exec-without-multi", 1, 5, 2, 3},
    {"nested-multi", 1, 5, 1, 2},
    {"base-crc-zero", 0, 0, 7, 7},
    // The manifest: what a line cannot have meant otherwise costs nothing.
    {"man-nonmonotonic", 1, 4, 7, 7},
    {"man-dup-base", 1, 4, 7, 7},
    {"man-blank-line", 1, 4, 7, 7},
    {"man-odd-args", 1, 4, 7, 7},
    {"man-no-newline", 1, 4, 7, 7},
    {"man-bad-type", 1, 4, 7, 7},
    {"man-seq-zero", 1, 4, 7, 7},
    // The file that the path leads to is not in the folder.
    {"man-path", 1, 5, 1, 1},
    {"man-temp-left", 0, 0, 7, 7},
    {"orphans", 0, 0, 7, 7},
    {"old-style-aof", 0, 0, 6, 6},
    {"old-style-preamble", 0, 0, 7, 7},
    {"upgrade-interrupted", 0, 0, 6, 6},
    {"ts-midmulti", 0, 0, 4, 4},
    {"ts-not-last", 0, 0, 4, 4},
    {"long-annotation", 1, 5, 1, 2},
    // Redis ignores the error and writes on into database 0.
    {"select-bad-db", 1, 5, 1, 2},
};

fs::path cases() {
    const char* given = std::getenv("TIDEMARK_FIXTURES");
    const fs::path root =
        given != nullptr ? fs::path(given) : fs::path(TIDEMARK_SOURCE_ROOT "/../shared/fixtures");
    return root / "aof-cases";
}

bool have_fixtures() {
    if (fs::exists(cases() / "cases.tsv")) return true;
    MESSAGE("skipped: no fixtures in " << cases().string());
    return false;
}

void copy_case(const char* name, const TempFolder& to) {
    support::copy_folder((cases() / name).string(), to.path());
    for (const auto& entry : fs::recursive_directory_iterator(to.path()))
        fs::permissions(entry.path(), fs::perms::owner_all, fs::perm_options::add);
}

// The files' contents, to see that nothing was touched.
std::map<std::string, std::string> contents(const std::string& folder) {
    std::map<std::string, std::string> all;
    for (const std::string& name : support::files_below(folder))
        all[name] = read_text_file(folder + "/" + name);
    return all;
}

int keys_in(ServerKind kind, const char* name, const TempFolder& dir) {
    std::vector<std::string> args = {"--appendonly", "yes"};
    if (std::string_view(name) == "ok-quoted-name")
        args.insert(args.end(), {"--appendfilename", "append only.aof"});
    const TempFolder copy;
    support::copy_folder(dir.path(), copy.path());
    support::ServerProcess server(kind, copy.path(), args);
    if (!server.wait_ready()) return -1;
    auto client = server.connect();
    return static_cast<int>(client.cmd({"DBSIZE"}).integer);
}

}  // namespace

TEST_CASE("tools_aof/cases: each folder has its verdict, and is not touched by being looked at") {
    if (!have_fixtures()) return;
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(cases())) count += entry.is_directory() ? 1 : 0;
    CHECK(count == std::size(kCases));  // a new fixture needs a row
    for (const Case& one : kCases) {
        CAPTURE(one.name);
        TempFolder dir;
        copy_case(one.name, dir);
        const auto before = contents(dir.path());
        const ToolRun text = run_aof_check({"check", dir.path()});
        CAPTURE(text.out);
        CHECK(text.exit == one.check);
        CHECK(text.last_line().find(one.check == 0 ? ": clean" : ": damaged") != std::string::npos);
        const ToolRun json = run_aof_check({"check", "--json", dir.path()});
        CHECK(json.exit == one.check);
        CHECK(json.out.starts_with("{\"schema\":\"aof-check.check/1\""));
        CHECK(run_aof_check({"fix", "--dry-run", dir.path()}).exit == one.check);
        CHECK(contents(dir.path()) == before);
    }
}

TEST_CASE("tools_aof/cases: our server starts on exactly those of which the tool says so") {
    if (!have_fixtures()) return;
    int starts = 0;
    for (const Case& one : kCases) {
        CAPTURE(one.name);
        TempFolder dir;
        copy_case(one.name, dir);
        const ToolRun run = run_aof_check({"--json", dir.path()});
        const bool says = run.says("\"server_starts\":true");
        CAPTURE(run.out);
        CHECK((keys_in(ServerKind::kTidemark, one.name, dir) >= 0) == says);
        // Damage that a server gets over is that of an end.
        if (run.exit == 0) CHECK(says);
        starts += says ? 1 : 0;
    }
    CHECK(starts >= 22);
    CHECK(starts < static_cast<int>(std::size(kCases)));
}

TEST_CASE("tools_aof/cases: what fix leaves, both servers load, and a second run changes nothing") {
    if (!have_fixtures()) return;
    for (const Case& one : kCases) {
        CAPTURE(one.name);
        TempFolder dir;
        copy_case(one.name, dir);
        const ToolRun fixed = run_aof_check({"fix", "--in-place", dir.path()});
        CAPTURE(fixed.out);
        CHECK(fixed.exit == one.fix);
        CHECK(run_aof_check({dir.path()}).exit == 0);
        CHECK(run_aof_check({"fix", "--in-place", dir.path()}).exit == 0);
        CHECK(keys_in(ServerKind::kRedis, one.name, dir) == one.keys);
        CHECK(keys_in(ServerKind::kTidemark, one.name, dir) == one.keys);
    }
}

TEST_CASE("tools_aof/cases: what salvage leaves is clean, and holds what lies behind the damage") {
    if (!have_fixtures()) return;
    for (const Case& one : kCases) {
        CAPTURE(one.name);
        TempFolder dir;
        copy_case(one.name, dir);
        const ToolRun saved = run_aof_check({"salvage", "--in-place", dir.path()});
        CAPTURE(saved.out);
        CHECK(run_aof_check({dir.path()}).exit == 0);
        if (one.salvage_keys == one.keys) continue;
        CHECK(keys_in(ServerKind::kRedis, one.name, dir) == one.salvage_keys);
    }
}

}  // namespace tidemark::aof_check
