// Runs rdb-check and redis-check-rdb on the same dumps, in turns, and prints what each took: time,
// rate, memory. `build/bench/check_compare --dir FOLDER`.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "bench/check_dumps.h"
#include "bench/machine.h"

namespace tidemark::bench {

namespace {

using Words = std::vector<std::string>;

struct Options {
    std::string ours = "build/tools/rdb-check";
    std::string peer = "redis-check-rdb";
    std::string dir = "/var/tmp";
    uint64_t megabytes = 1024;
    uint64_t tiny_megabytes = 0;
    int rounds = 3;
};

struct Run {
    double seconds = 0;
    double cpu_seconds = 0;
    uint64_t peak_kib = 0;
    int exit = -1;
};

Run run_once(const Words& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const auto started = std::chrono::steady_clock::now();
    const pid_t pid = fork();
    if (pid == 0) {
        const int null_fd = open("/dev/null", O_RDWR);
        dup2(null_fd, STDOUT_FILENO);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(pid, &status, 0, &usage);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
    const auto seconds_of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return {taken.count(), seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
            static_cast<uint64_t>(usage.ru_maxrss), WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

struct Contestant {
    std::string name;
    Words words;  // without the file
    std::vector<Run> runs;
};

// By wall time; memory is the largest.
Run median(std::vector<Run> runs) {
    std::sort(runs.begin(), runs.end(),
              [](const Run& a, const Run& b) { return a.seconds < b.seconds; });
    Run middle = runs[runs.size() / 2];
    for (const Run& run : runs) middle.peak_kib = std::max(middle.peak_kib, run.peak_kib);
    return middle;
}

void measure(const Options& options, const std::string& what, const std::string& path,
             std::vector<Contestant> contestants) {
    struct stat status {};
    stat(path.c_str(), &status);
    const double megabytes = static_cast<double>(status.st_size) / 1e6;
    run_once({"cat", path});  // from the page cache for everybody
    for (int round = 0; round < options.rounds; ++round) {
        for (Contestant& one : contestants) {
            Words words = one.words;
            words.push_back(path);
            one.runs.push_back(run_once(words));
        }
    }
    for (const Contestant& one : contestants) {
        const Run run = median(one.runs);
        fmt::print("| {} | {} | {:.2f} s | {:.0f} MB/s | {:.2f} s | {:.0f} MiB | {} |\n", what,
                   one.name, run.seconds, megabytes / run.seconds, run.cpu_seconds,
                   static_cast<double>(run.peak_kib) / 1024, run.exit);
    }
    fflush(stdout);
}

std::vector<Contestant> contestants(const Options& options) {
    return {{"rdb-check -j1", {options.ours, "check", "-j1"}, {}},
            {"rdb-check -j2", {options.ours, "check", "-j2"}, {}},
            {"rdb-check -j1 --no-dup", {options.ours, "check", "-j1", "--no-dup"}, {}},
            {"redis-check-rdb", {options.peer}, {}}};
}

struct Row {
    std::string_view what;
    DumpKind kind;
    rdb::Sealing sealing;
    uint64_t megabytes;
};

Status run_rows(const Options& options) {
    const ScratchFolder scratch = TM_TRY(ScratchFolder::create(options.dir));
    const std::vector<Row> rows = {
        {"small strings", DumpKind::kSmallStrings, rdb::Sealing::kOff, options.megabytes},
        {"small strings, sealed", DumpKind::kSmallStrings, rdb::Sealing::kOn, options.megabytes},
        {"mixed", DumpKind::kMixed, rdb::Sealing::kOff, options.megabytes},
        {"one hash", DumpKind::kOneHash, rdb::Sealing::kOff, options.megabytes * 4 / 10},
        {"tiny keys", DumpKind::kTinyKeys, rdb::Sealing::kOff, options.tiny_megabytes},
    };
    fmt::print("{}, load {:.1f}\n\n", describe_machine(), load_average());
    fmt::print("| dump | program | time | rate | CPU | peak memory | exit |\n");
    fmt::print("|---|---|---|---|---|---|---|\n");
    for (const Row& row : rows) {
        if (row.megabytes == 0) continue;
        const std::string path = scratch.path() + "/dump.rdb";
        const uint64_t count = TM_TRY(make_dump(path, row.kind, row.megabytes << 20, row.sealing));
        measure(options, fmt::format("{} ({} MiB, {})", row.what, row.megabytes, count), path,
                contestants(options));
        unlink(path.c_str());
    }
    return {};
}

}  // namespace

}  // namespace tidemark::bench

int main(int argc, char** argv) {
    using namespace tidemark::bench;
    Options options;
    CLI::App app("Runs rdb-check and redis-check-rdb on the same dumps, in turns.");
    app.add_option("--ours", options.ours, "rdb-check to measure")->capture_default_str();
    app.add_option("--peer", options.peer, "redis-check-rdb")->capture_default_str();
    app.add_option("--dir", options.dir, "for the dumps")->capture_default_str();
    app.add_option("--mb", options.megabytes, "size of a dump, MiB")->capture_default_str();
    app.add_option("--tiny-mb", options.tiny_megabytes,
                   "also a dump of 12-byte records, of this size (1,200: 100M keys)");
    app.add_option("--rounds", options.rounds, "runs of each")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    const auto status = run_rows(options);
    if (status) return 0;
    fmt::print(stderr, "check_compare: {}\n", status.error().what);
    return 1;
}
