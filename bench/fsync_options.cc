#include "bench/fsync_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>

#include "base/number.h"
#include "bench/choice.h"
#include "bench/programs.h"
#include "bench/run_options.h"

namespace tidemark::bench {

namespace {

constexpr int kExitUsage = 2;
constexpr uint64_t kDelayUsMax = 10'000'000;
constexpr int kClientsMax = 10'000;
constexpr uint16_t kUsualPort = 6379;
constexpr int kPipelineMax = 10'000;
constexpr uint32_t kValueBytesMax = 64 * 1024 * 1024;

// What is not an option's value yet.
struct Words {
    std::string host;
    int port = 0;
    std::string rate = "auto";
    std::vector<std::string> delays;
    std::string loss;
};

const std::map<std::string, Persistence> kPolicies = {{"always", Persistence::kAlways},
                                                      {"everysec", Persistence::kEverysec},
                                                      {"no", Persistence::kNo},
                                                      {"off", Persistence::kNone}};
const std::map<std::string, Readers> kReaders = {{"same", Readers::kSame},
                                                 {"separate", Readers::kSeparate}};

void set_defaults(FsyncOptions& options) {
    options.rounds = 3;
    options.seconds = 0.35;
    options.ours = built_server_path();
    options.policies = {Persistence::kAlways, Persistence::kEverysec, Persistence::kNo,
                        Persistence::kNone};
    options.clients = {50, 1, 10, 200, 500};
    options.pipelines = {1, 16};
    options.values = {64, 1'024, 16'384};
    options.reads = {0, 50, 95};
    options.readers = {Readers::kSame, Readers::kSeparate};
}

// A promise is held against the median of more rounds than a figure to look at takes.
void make_goals(FsyncOptions& options) {
    options.rounds = 9;
    options.seconds = 0.5;
}

void make_quick(FsyncOptions& options) {
    options.rounds = 1;
    options.seconds = 0.1;
    options.probe_seconds = 0.03;
    options.clients = {4, 1};
    options.pipelines = {1, 4};
    options.values = {64};
    options.reads = {0, 50};
    options.readers = {Readers::kSame};
    options.keys = 500;
    options.cuts = 1;
    options.delays_us = std::vector<uint64_t>{};
}

void describe_servers(CLI::App& app, FsyncOptions& options, Words& words) {
    app.add_option("--ours", options.ours, "tidemark-server to measure")->capture_default_str();
    app.add_option("--peer", options.peers,
                   "redis-server or valkey-server to measure in turns with it; repeat for more "
                   "[redis-server from PATH]")
        ->allow_extra_args(false);
    app.add_flag("--no-peer", options.alone, "measure ours alone");
    app.add_option("--ours-arg", options.ours_arguments, "argument for ours; repeat for more")
        ->allow_extra_args(false);
    app.add_option("--peer-arg", options.peer_arguments, "argument for the peers; repeat for more")
        ->allow_extra_args(false);
    app.add_option("--port", words.port,
                   "measure the server that runs here (no disk and CPU figures) instead [6379 with "
                   "--host]")
        ->check(CLI::Range(1, 65535));
    app.add_option("--host", words.host, "where it runs, an IPv4 address [127.0.0.1 with --port]")
        ->check(CLI::ValidIPV4);
    app.add_flag("--overwrite", options.overwrite,
                 "write into a running server although it holds keys");
    app.add_option("--listen-port", options.listen_port,
                   "first port of the servers that are started [free ones]");
    app.add_option("--dir", options.dir, "the servers' data goes into a temporary folder in here")
        ->capture_default_str();
}

void describe_matrix(CLI::App& app, FsyncOptions& options, Words& words) {
    app.add_option("--policy", options.policies, "always, everysec, no, off")
        ->delimiter(',')
        ->transform(one_of(kPolicies))
        ->type_name("WORD");
    app.add_option("--clients", options.clients, "connections")
        ->delimiter(',')
        ->check(CLI::Range(1, kClientsMax))
        ->capture_default_str();
    app.add_option("--pipeline", options.pipelines, "requests sent at once on a connection")
        ->delimiter(',')
        ->check(CLI::Range(1, kPipelineMax))
        ->capture_default_str();
    app.add_option("--value", options.values, "bytes of a value")
        ->delimiter(',')
        ->check(CLI::Range(uint32_t{1}, kValueBytesMax))
        ->capture_default_str();
    app.add_option("--reads", options.reads, "percent of reads, of keys that nobody writes")
        ->delimiter(',')
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
    app.add_option("--readers", options.readers,
                   "same: reads and writes mixed on each connection; separate: on others")
        ->delimiter(',')
        ->transform(one_of(kReaders))
        ->type_name("WORD");
    app.add_option("--rate", words.rate,
                   "requests a second at a fixed rate, in every cell; auto: one such cell a "
                   "policy, at half of the slowest server's rate; none")
        ->capture_default_str();
    app.add_flag_callback(
        "--cross", [&options] { options.spread = Spread::kCross; },
        "all combinations [one axis at a time, the others at their first value]");
    app.add_option("--keys", options.keys, "keys that are read, and as many that are written")
        ->check(CLI::Range(uint64_t{1}, uint64_t{100'000'000}))
        ->capture_default_str();
    add_run_options(app, options);
}

void describe_rest(CLI::App& app, FsyncOptions& options, Words& words) {
    app.add_option("--loss", words.loss,
                   "what a cut loses. cut: power cuts (root); kill: kill -9 only; off; without a "
                   "value, and by default: cut where it can be done, else kill")
        ->expected(0, 1);
    app.add_option("--cuts", options.cuts, "cuts of each server under each policy")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    app.add_option("--sync-delay", words.delays,
                   "also on a disk whose every flush takes so long: 1ms,5ms (root, FUSE); none "
                   "[1ms where it can be done]")
        ->delimiter(',');
    app.add_flag("--goals", options.goals,
                 "only the table of what this project promises, each row with its target; nine "
                 "rounds of half a second, five minutes");
    app.add_flag("--quick", options.quick, "small counts: shows that it works, measures nothing");
    app.add_option("--json", options.json, "also write everything to this file");
    app.add_option("--report", options.page, "also write a page (HTML, without a network)");
}

Status apply_words(const Words& words, FsyncOptions& options) {
    if (words.port != 0 || !words.host.empty()) {
        Endpoint endpoint;
        endpoint.host = words.host.empty() ? "127.0.0.1" : words.host;
        endpoint.port = words.port == 0 ? kUsualPort : static_cast<uint16_t>(words.port);
        endpoint.congestion = options.congestion;
        options.running = endpoint;
    }
    if (words.rate == "none") {
        options.rate = 0;
    } else if (words.rate != "auto") {
        const auto rate = parse_uint64(words.rate);
        if (!rate || *rate == 0) {
            return fail(ErrorCode::kInvalid,
                        fmt::format("--rate {} is neither a number, auto nor none", words.rate));
        }
        options.rate = static_cast<double>(*rate);
        options.rate_only = true;
    }
    if (!words.delays.empty()) options.delays_us.emplace();
    for (const std::string& word : words.delays) {
        if (word == "none" || word == "0") continue;
        const auto delay = parse_delay_us(word);
        if (!delay) {
            return fail(ErrorCode::kInvalid,
                        fmt::format("--sync-delay {} is no time such as 1ms, 500us or 1s", word));
        }
        options.delays_us->push_back(*delay);
    }
    const std::map<std::string, LossMode> modes = {{"", LossMode::kAuto},
                                                   {"auto", LossMode::kAuto},
                                                   {"cut", LossMode::kCut},
                                                   {"kill", LossMode::kKill},
                                                   {"off", LossMode::kOff}};
    const auto mode = modes.find(words.loss);
    if (mode == modes.end()) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("--loss {} is none of auto, cut, kill and off", words.loss));
    }
    options.loss = mode->second;
    return {};
}

int say(const std::string& sentence) {
    fmt::print(stderr, "fsync-bench: {}.\n", sentence);
    return kExitUsage;
}

}  // namespace

std::variant<FsyncOptions, int> parse_fsync_options(int argc, char** argv) {
    FsyncOptions options;
    set_defaults(options);
    // First, so that what else is said on the line wins.
    const auto said = [&](std::string_view word) {
        return std::any_of(argv + 1, argv + argc, [&](const char* arg) { return arg == word; });
    };
    if (said("--goals")) make_goals(options);
    if (said("--quick")) make_quick(options);
    CLI::App app("Shows what durability costs on this disk, and what could be lost without it.");
    Words words;
    describe_servers(app, options, words);
    describe_matrix(app, options, words);
    describe_rest(app, options, words);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::string what = error.what();
        if (!what.empty() && what.back() == '.') what.pop_back();
        return say(what);
    }
    const Status applied = apply_words(words, options);
    if (!applied) return say(applied.error().what);
    if (options.alone && !options.peers.empty())
        return say("--peer and --no-peer exclude each other");
    if (options.peers.empty() && !options.alone) {
        const std::string redis = find_in_path("redis-server");
        if (!redis.empty()) options.peers.push_back(redis);
    }
    return options;
}

std::optional<uint64_t> parse_delay_us(const std::string& text) {
    const size_t digits = text.find_first_not_of("0123456789");
    const auto number = parse_uint64(text.substr(0, digits));
    if (!number || digits == std::string::npos || *number > kDelayUsMax) return std::nullopt;
    const std::string unit = text.substr(digits);
    const uint64_t scale = unit == "us" ? 1 : unit == "ms" ? 1'000 : unit == "s" ? 1'000'000 : 0;
    const uint64_t us = *number * scale;
    if (us == 0 || us > kDelayUsMax) return std::nullopt;
    return us;
}

std::string delay_text(uint64_t delay_us) {
    if (delay_us % 1'000 != 0) return fmt::format("{} us a sync", delay_us);
    return fmt::format("{} ms a sync", delay_us / 1'000);
}

}  // namespace tidemark::bench
