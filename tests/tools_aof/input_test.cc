// Logs that come through a pipe, or packed: read once, whatever a mode does with them.
#include <doctest/doctest.h>

#include "tests/support/process.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;

// A record that ends nowhere behind three that are whole.
std::string torn_log() {
    return record({"SELECT", "0"}) + record({"SET", "a", "1"}) + record({"SET", "b", "2"}) +
           "*3\r\n$3\r\nSE";
}

// `command` in a shell in `dir`, where $aof_check is the program.
int in_shell(const TempFolder& dir, const std::string& command, std::string* output) {
    return support::run_program(
               {"sh", "-c",
                "cd '" + dir.path() + "' && aof_check='" TIDEMARK_AOF_CHECK "' && " + command},
               support::Milliseconds(20'000), output)
        .code;
}

struct PipedRun {
    const char* command;
    int exit;
    const char* says;
};

const PipedRun kPiped[] = {
    {"cat log | $aof_check -", 1, "damaged at its end"},
    {"cat log | $aof_check fix - -o out", 5, "10 bytes"},
    {"cat log | $aof_check salvage - -o out", 5, "10 bytes"},
    {"cat log | $aof_check until --offset 60 - -o out", 0, "wrote out"},
    {"cat log | $aof_check stats -", 1, "3 records"},
    {"cat log | $aof_check tail -n 2 -", 0, "2 records shown"},
    {"mkfifo p && { cat log > p & } && $aof_check fix p -o out", 5, "10 bytes"},
    {"gzip -k log && $aof_check fix log.gz -o out", 5, "10 bytes"},
    {"gzip -k log && $aof_check fix --in-place log.gz", 2, "cannot be replaced in place"},
    {"cat log | $aof_check fix -", 2, "give --output"},
    {"head -c 75 log > whole && gzip -k whole && head -c -9 whole.gz > cut.gz && $aof_check stats "
     "cut.gz",
     1, "damaged"},
};

}  // namespace

TEST_CASE("tools_aof/input: a log through a pipe is as good as a file, in every mode") {
    for (const PipedRun& run : kPiped) {
        CAPTURE(run.command);
        const TempFolder dir;
        write_text_file(dir / "log", torn_log());
        std::string output;
        CHECK(in_shell(dir, run.command, &output) == run.exit);
        CAPTURE(output);
        CHECK(output.find(run.says) != std::string::npos);
        if (!fs::exists(dir / "out")) continue;
        CHECK(run_aof_check({dir / "out"}).exit == 0);
    }
}

TEST_CASE("tools_aof/input: who cannot read the log cannot read what is made of it") {
    const TempFolder dir;
    write_text_file(dir / "log", torn_log());
    fs::permissions(dir / "log", fs::perms(0600));
    CHECK(run_aof_check({"fix", dir / "log", "-o", dir / "out"}).exit == 5);
    CHECK(fs::status(dir / "out").permissions() == fs::perms(0600));
    const std::string folder = make_log(dir, {torn_log()});
    for (const auto& file : fs::directory_iterator(folder))
        fs::permissions(file.path(), fs::perms(0640));
    CHECK(run_aof_check({"fix", folder, "-o", dir / "fixed"}).exit == 5);
    for (const auto& file : fs::directory_iterator(dir / "fixed")) {
        CAPTURE(file.path().string());
        CHECK(fs::status(file.path()).permissions() == fs::perms(0640));
    }
}

}  // namespace tidemark::aof_check
