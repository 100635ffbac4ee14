#include "bench/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number.h"

namespace tidemark::bench {

namespace {

constexpr double kReadySecondsMax = 30;
constexpr int kDyingMsMax = 2'000;
constexpr double kWarmUpSecondsMax = 0.3;

// What a server has done so far, for differences.
struct Reading {
    double cpu_us = 0;
    std::optional<uint64_t> written_bytes;
    std::optional<uint64_t> groups;
    std::optional<uint64_t> group_bytes;
    std::optional<uint64_t> syncs;
};

std::optional<uint64_t> number_field(const std::string& info, const char* field) {
    const auto text = info_field(info, field);
    return text ? parse_uint64(*text) : std::nullopt;
}

Reading read_counters(ServerProcess& server) {
    Reading now;
    if (const auto info = server.ask({"INFO", "persistence"})) {
        now.groups = number_field(*info, "aof_groups");
        now.group_bytes = number_field(*info, "aof_group_bytes");
        now.syncs = number_field(*info, "aof_syncs");
    }
    now.written_bytes = server.written_bytes();
    now.cpu_us = server.cpu_us();
    return now;
}

void add_difference(LogUse& to, const Reading& before, const Reading& after) {
    const auto add = [](std::optional<uint64_t>& sum, const std::optional<uint64_t>& from,
                        const std::optional<uint64_t>& until) {
        if (from && until && *until >= *from) sum = sum.value_or(0) + (*until - *from);
    };
    add(to.written_bytes, before.written_bytes, after.written_bytes);
    add(to.groups, before.groups, after.groups);
    add(to.group_bytes, before.group_bytes, after.group_bytes);
    add(to.syncs, before.syncs, after.syncs);
}

}  // namespace

ServerSetup Stage::setup(const Contestant& contestant, Persistence persistence,
                         std::string folder) const {
    ServerSetup setup;
    setup.name = contestant.name;
    setup.binary = contestant.binary;
    setup.arguments = contestant.arguments;
    setup.folder = std::move(folder);
    setup.persistence = persistence;
    setup.transport = options_.transport;
    setup.congestion = options_.congestion;
    setup.core = cores_.server;
    return setup;
}

Result<std::unique_ptr<ServerProcess>> Stage::start(const ServerSetup& setup) {
    auto server = TM_TRY(ServerProcess::start(setup));
    TM_CHECK(server->wait_ready(stop_, kReadySecondsMax));
    // A fork in the middle of a run is another measurement. Refused where there is no rewrite.
    (void)server->ask({"CONFIG", "SET", "auto-aof-rewrite-percentage", "0"});
    return server;
}

Result<std::unique_ptr<LoadGenerator>> Stage::connect(const ServerProcess& server,
                                                      const std::vector<Lane>& lanes) {
    LoadPlan plan;
    plan.endpoint = server.endpoint();
    plan.lanes = lanes;
    return LoadGenerator::connect(plan, stop_.fd());
}

Result<LoadResult> Stage::run(LoadGenerator& generator, double seconds) {
    LoadResult result = TM_TRY(generator.run(seconds));
    for (const LaneResult& lane : result.lanes) {
        if (lane.errors > 0) {
            return fail(ErrorCode::kInvalid, fmt::format("{} error replies, the first: {}",
                                                         lane.errors, lane.first_error));
        }
        if (lane.misses > 0) {
            return fail(ErrorCode::kInvalid,
                        fmt::format("{} keys were not there that had been set", lane.misses));
        }
    }
    if (stop_.raised()) return fail(ErrorCode::kIo, "interrupted");
    return result;
}

Status Stage::set_all(ServerProcess& server, const Lane& what) {
    constexpr int kLoadConnections = 16;
    constexpr int kLoadPipeline = 64;
    Lane lane = what;
    lane.verb = Verb::kSet;
    lane.read_share = 0;
    lane.connections = kLoadConnections;
    lane.pipeline = kLoadPipeline;
    lane.rate = 0;
    lane.order = KeyOrder::kSequential;
    lane.requests = what.keys.count;
    auto generator = TM_TRY(connect(server, {lane}));
    TM_CHECK(run(*generator, 0));
    return {};
}

Status Stage::round(ServerProcess& server, LoadGenerator& generator, Series& series) {
    const Reading before = read_counters(server);
    const LoadResult result = TM_TRY(run(generator, options_.seconds));
    const double cpu_after_us = server.cpu_us();
    const Reading after = read_counters(server);
    uint64_t replies = 0;
    uint64_t reads = 0;
    for (const LaneResult& lane : result.lanes) {
        replies += lane.replies;
        reads += lane.reads.count();
        series.log.writes += lane.writes.count();
        series.reads.add(lane.reads);
        series.writes.add(lane.writes);
    }
    if (replies == 0) return fail(ErrorCode::kIo, "no reply came");
    const auto count = static_cast<double>(replies);
    series.ops_per_s.push_back(count / result.seconds);
    series.reads_per_s.push_back(static_cast<double>(reads) / result.seconds);
    series.server_us.push_back((cpu_after_us - before.cpu_us) / count);
    series.client_us.push_back(result.client_cpu_us / count);
    Histogram latency = result.lanes[0].reads;
    latency.add(result.lanes[0].writes);
    series.latency.add(latency);
    series.p99_us.push_back(static_cast<double>(latency.percentile(99)) / 1e3);
    add_difference(series.log, before, after);
    return {};
}

std::vector<Series> Stage::run_in_turns(const std::vector<Contest>& contests, int rounds) {
    std::vector<std::unique_ptr<LoadGenerator>> generators(contests.size());
    std::vector<Series> all(contests.size());
    const auto note = [this](Series& series, const Contest& contest, const Error& error) {
        const bool lost = error.code == ErrorCode::kIo && !stop_.raised();
        const std::string end = contest.server->ending(lost ? kDyingMsMax : 0);
        series.failure = end.empty() ? error.what : fmt::format("the server died, {}", end);
    };
    for (size_t i = 0; i < contests.size(); i++) {
        all[i].server = contests[i].label;
        auto generator = connect(*contests[i].server, contests[i].lanes);
        if (!generator) {
            note(all[i], contests[i], generator.error());
            continue;
        }
        generators[i] = std::move(*generator);
        const auto warm = run(*generators[i], std::min(kWarmUpSecondsMax, options_.seconds / 2));
        if (!warm) note(all[i], contests[i], warm.error());
    }
    for (int round_number = 0; round_number < rounds; round_number++) {
        for (size_t i = 0; i < contests.size(); i++) {
            if (!all[i].failure.empty()) continue;
            const Status done = round(*contests[i].server, *generators[i], all[i]);
            if (!done) note(all[i], contests[i], done.error());
        }
    }
    return all;
}

Result<std::vector<Series>> Stage::interleave(const std::vector<Contest>& contests, int rounds) {
    std::vector<Series> all = run_in_turns(contests, rounds);
    for (const Series& series : all) {
        if (!series.failure.empty()) {
            return fail(ErrorCode::kIo, fmt::format("{}: {}", series.server, series.failure));
        }
    }
    return all;
}

}  // namespace tidemark::bench
