#include "bench/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/programs.h"
#include "bench/run_options.h"

namespace tidemark::bench {

namespace {

constexpr int kExitUsage = 2;

void make_quick(Options& options) {
    options.rounds = 1;
    options.seconds = 0.25;
    options.keys = 20'000;
    options.memory_keys = {50'000};
    options.idle_clients = 200;
    options.growth_keys = 200'000;
    options.restart_sets = 50'000;
}

void describe(CLI::App& app, Options& options, std::vector<int>& rows) {
    app.add_option("--ours", options.ours, "tidemark-server to measure")->capture_default_str();
    app.add_option("--peer", options.peer, "redis-server to compare with [from PATH]");
    app.add_option("--ours-arg", options.ours_arguments, "argument for ours; repeat for more")
        ->allow_extra_args(false);
    app.add_option("--peer-arg", options.peer_arguments, "argument for the peer; repeat for more")
        ->allow_extra_args(false);
    app.add_option("--dir", options.dir, "the servers' data goes into a temporary folder in here")
        ->capture_default_str();
    app.add_option("--rows", rows, "rows of the table, as 1,2,5 [all]")
        ->delimiter(',')
        ->check(CLI::Range(kFirstRow, kLastRow));
    app.add_option("--json", options.json, "also write everything to this file");
    add_run_options(app, options);
    app.add_flag("--quick", options.quick, "small counts: shows that it works, measures nothing");
}

}  // namespace

std::variant<Options, int> parse_options(int argc, char** argv) {
    Options options;
    options.ours = built_server_path();
    // First, so that what else is said on the line wins.
    for (int i = 1; i < argc; i++) {
        if (std::string_view(argv[i]) == "--quick") make_quick(options);
    }
    CLI::App app("Runs tidemark-server and redis-server side by side and prints ratios.");
    std::vector<int> rows;
    describe(app, options, rows);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kExitUsage;
    }
    options.rows = std::set<int>(rows.begin(), rows.end());
    for (int row = kFirstRow; rows.empty() && row <= kLastRow; row++) options.rows.insert(row);
    if (options.peer.empty()) options.peer = find_in_path("redis-server");
    if (options.peer.empty()) {
        fmt::print(stderr, "compare: no redis-server in PATH; install it or give --peer.\n");
        return kExitUsage;
    }
    for (const std::string* binary : {&options.ours, &options.peer}) {
        if (access(binary->c_str(), X_OK) == 0) continue;
        fmt::print(
            stderr,
            "compare: {} is not a program that can be started; build it or name another with {}.\n",
            *binary, binary == &options.ours ? "--ours" : "--peer");
        return kExitUsage;
    }
    return options;
}

}  // namespace tidemark::bench
