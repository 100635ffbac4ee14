// What needs a process: pipes, signals, a reader that goes away, files that are none.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "tests/rdb/dump.h"
#include "tests/rdb_check/program.h"
#include "tests/rdb_check/run.h"
#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace tidemark::tools {
namespace {

using rdb::operator""_b;
using support::Milliseconds;
using support::TempFolder;
using support::write_text_file;

struct Shell {
    int exit = -1;
    std::string output;
};

// $RDB_CHECK is the program, the current folder `folder`.
Shell shell(const TempFolder& folder, const std::string& line) {
    Shell result;
    const auto status = support::run_program(
        {"bash", "-c",
         fmt::format("cd {}; RDB_CHECK={}; {}", folder.path(), rdb_check_program(), line)},
        Milliseconds(60'000), &result.output);
    result.exit = status.code;
    return result;
}

TEST_CASE("rdb_check/process: standard input, a FIFO and a packed file are dumps too") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", rdb::dump("\x00\x01k\x01v"_b));
    CHECK(shell(folder, "$RDB_CHECK - < dump.rdb").exit == 0);
    CHECK(shell(folder, "cat dump.rdb | $RDB_CHECK check -").exit == 0);
    CHECK(shell(folder, "mkfifo pipe; cat dump.rdb > pipe & $RDB_CHECK pipe").exit == 0);
    CHECK(shell(folder, "gzip -k dump.rdb; $RDB_CHECK dump.rdb.gz").exit == 0);
    const Shell cut = shell(folder, "head -c 30 dump.rdb.gz > cut.gz; $RDB_CHECK cut.gz");
    CHECK(cut.exit == 1);
    CHECK(cut.output.find("gzip data ends early") != std::string::npos);
    CHECK(shell(folder,
                "ln -s $RDB_CHECK redis-check-rdb; ./redis-check-rdb dump.rdb | grep -q 'RDB "
                "looks OK'")
              .exit == 0);
}

TEST_CASE("rdb_check/process: anything at all ends in one verdict and a documented exit code") {
    const TempFolder folder;
    Random random(5);
    std::string noise(100'000, '\0');
    for (char& c : noise) c = static_cast<char>(random.below(256));
    write_text_file(folder / "noise", noise);
    write_text_file(folder / "headed", "REDIS0011" + noise);
    write_text_file(folder / "empty", "");
    write_text_file(folder / "text", "once upon a time\n");
    for (const std::string mode : {"check", "fix", "salvage", "info"}) {
        const std::string output = mode == "fix" || mode == "salvage" ? "-o out --overwrite" : "";
        for (const std::string file :
             {"noise", "headed", "empty", "text", ".", "missing", "/dev/null"}) {
            CAPTURE(mode);
            CAPTURE(file);
            // A sanitizer's shadow takes terabytes of addresses.
            const std::string limit = support::sanitized() ? "" : "ulimit -v 1000000; ";
            const Shell run = shell(
                folder, fmt::format("{}timeout 30 $RDB_CHECK {} {} {}", limit, mode, file, output));
            CHECK(run.exit >= 0);
            CHECK(run.exit <= 8);
            CHECK_FALSE(run.output.empty());
            if (file == "noise" || file == "empty" || file == "text" || file == "/dev/null")
                CHECK(run.exit == 1);
            if (file == "missing" || file == ".") CHECK(run.exit == 3);
        }
    }
}

TEST_CASE("rdb_check/process: an interruption leaves nothing half-written, and exit code 8") {
    const TempFolder folder;
    const std::string pipe = folder / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    support::Process process({rdb_check_program(), "salvage", pipe, "-o", folder / "out"},
                             folder / "log");
    // Waits for its reader, who then waits for more.
    const int writer = open(pipe.c_str(), O_WRONLY);
    REQUIRE(write(writer, rdb::kRedisMagic.data(), rdb::kRedisMagic.size()) > 0);
    process.send_signal(SIGINT);
    const auto status = process.wait_for(Milliseconds(20'000));
    REQUIRE(status);
    CHECK(status->code == 8);
    close(writer);
    CHECK(support::read_text_file(folder / "log").find("interrupted") != std::string::npos);
    CHECK(support::files_below(folder.path()) == std::vector<std::string>{"log"});
}

TEST_CASE("rdb_check/process: waiting for a FIFO's writer is interrupted, and is no end of file") {
    const TempFolder folder;
    for (const std::string signal : {"INT", "TERM"}) {
        const Shell run = shell(
            folder, fmt::format("rm -f pipe; mkfifo pipe; timeout --preserve-status -k 20 -s {} 1 "
                                "$RDB_CHECK pipe",
                                signal));
        CHECK(run.exit == 8);
        CHECK(run.output.find("interrupted") != std::string::npos);
    }
    write_text_file(folder / "dump.rdb", rdb::dump("\x00\x01k\x01v"_b));
    CHECK(shell(folder, "(sleep 0.5; cat dump.rdb > pipe) & $RDB_CHECK pipe").exit == 0);
}

TEST_CASE("rdb_check/process: a file that grows is not judged unless asked for") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", rdb::dump("\x00\x01k\x01v"_b));
    // On a busy machine who writes may not get to it while the tool looks: many tries.
    const Shell grown = shell(
        folder,
        "(for ((i = 0; i < 1000000; i++)); do [ -e stop ] && break; printf x >> dump.rdb; done) & "
        "for try in {1..200}; do $RDB_CHECK dump.rdb; code=$?; [ $code = 3 ] && break; done; "
        "touch stop; wait; exit $code");
    CHECK(grown.exit == 3);
    CHECK(grown.output.find("--force") != std::string::npos);
}

TEST_CASE("rdb_check/process: output that cannot be written is exit code 3") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", rdb::dump("\x00\x01k\x01v"_b));
    CHECK(shell(folder, "$RDB_CHECK salvage dump.rdb -o missing/out").exit == 3);
    CHECK(shell(folder, "echo > out; $RDB_CHECK salvage dump.rdb -o out").exit == 3);
}

// More findings, and more keys, than any buffer holds.
void write_long_dumps(const TempFolder& folder) {
    std::string good;
    std::string bad;
    for (int i = 0; i < 10'000; ++i) {
        good += fmt::format("{}{}{:05}{}v", '\0', '\x05', i, '\x01');
        if (i < 500) bad += fmt::format("\x02\x05{:05}\x02\x01x\x01x", i);
    }
    write_text_file(folder / "good.rdb", rdb::dump(good));
    write_text_file(folder / "bad.rdb", rdb::dump(bad));
}

TEST_CASE("rdb_check/process: what cannot be printed is exit code 3 and one sentence") {
    const TempFolder folder;
    write_long_dumps(folder);
    for (const std::string words :
         {"good.rdb", "bad.rdb", "--json bad.rdb", "check --ndjson bad.rdb",
          "salvage bad.rdb -o out", "export good.rdb", "report --keys-csv - good.rdb",
          "cat-key --json good.rdb 00001", "diff good.rdb bad.rdb", "--help", "check --help",
          "--version"}) {
        CAPTURE(words);
        const Shell run = shell(folder, fmt::format("$RDB_CHECK {} 2>said >/dev/full", words));
        CHECK(run.exit == 3);
        if (words.starts_with("report")) continue;  // its text goes to standard error
        CHECK(support::read_text_file(folder / "said") ==
              "rdb-check: cannot write to standard output: No space left on device\n");
    }
}

TEST_CASE(
    "rdb_check/process: a reader that goes away, and a stderr that is full, are exit code 3") {
    const TempFolder folder;
    write_long_dumps(folder);
    for (const std::string words :
         {"bad.rdb", "--json bad.rdb", "export good.rdb", "export --format csv good.rdb"}) {
        CAPTURE(words);
        const Shell run =
            shell(folder,
                  fmt::format("set -o pipefail; (sleep 0.2; $RDB_CHECK {} 2>said) | true", words));
        CHECK(run.exit == 3);
        CHECK(support::read_text_file(folder / "said").empty());
    }
    CHECK(shell(folder, "set -o pipefail; $RDB_CHECK export good.rdb 2>&1 | head -c 100").exit ==
          3);
    CHECK(shell(folder, "$RDB_CHECK export good.rdb >out 2>/dev/full").exit == 3);
    CHECK(shell(folder, "$RDB_CHECK 2>/dev/full").exit == 2);
    CHECK(shell(folder, "ln -s $RDB_CHECK redis-check-rdb; ./redis-check-rdb good.rdb >/dev/full")
              .exit == 1);
}

TEST_CASE("rdb_check/process: a file that cannot be written is not called damage") {
    const TempFolder folder;
    write_long_dumps(folder);
    for (const std::string words :
         {"convert good.rdb -o out", "export good.rdb -o out", "split good.rdb --by-db -o out",
          "merge good.rdb -o out", "salvage good.rdb -o out", "report --keys-csv out good.rdb"}) {
        CAPTURE(words);
        const Shell run =
            shell(folder, fmt::format("trap '' XFSZ; ulimit -f 16; $RDB_CHECK {}", words));
        CAPTURE(run.output);
        CHECK(run.exit == 3);
        CHECK(run.output.find("cannot write out.tmp-") != std::string::npos);
        CHECK(run.output.find("damaged") == std::string::npos);
        CHECK(run.output.find("offset") == std::string::npos);
    }
    CHECK(support::files_below(folder.path()) == std::vector<std::string>{"bad.rdb", "good.rdb"});
}

}  // namespace
}  // namespace tidemark::tools
