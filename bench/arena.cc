#include "bench/arena.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemark::bench {

namespace {

constexpr double kReadySecondsMax = 30;
constexpr double kWarmUpSecondsMax = 0.3;

const char* name_of(Side side) {
    return side == Side::kOurs ? "ours" : "redis";
}

}  // namespace

Lane table_lane(const Options& options, Verb verb, int pipeline) {
    Lane lane;
    lane.verb = verb;
    lane.connections = options.clients;
    lane.pipeline = pipeline;
    lane.keys = {0, options.keys};
    lane.value_bytes = options.value_bytes;
    return lane;
}

Result<std::string> Arena::folder(Side side) {
    return scratch_.subfolder(name_of(side));
}

ServerSetup Arena::setup(Side side, Persistence persistence, std::string folder) const {
    ServerSetup setup;
    setup.name = name_of(side);
    setup.binary = side == Side::kOurs ? options_.ours : options_.peer;
    setup.arguments = side == Side::kOurs ? options_.ours_arguments : options_.peer_arguments;
    setup.folder = std::move(folder);
    setup.persistence = persistence;
    setup.transport = options_.transport;
    setup.congestion = options_.congestion;
    setup.core = cores_.server;
    return setup;
}

Result<std::unique_ptr<ServerProcess>> Arena::start(Side side, Persistence persistence) {
    return start(setup(side, persistence, TM_TRY(folder(side))));
}

Result<std::unique_ptr<ServerProcess>> Arena::start(const ServerSetup& setup) {
    auto server = TM_TRY(ServerProcess::start(setup));
    TM_CHECK(server->wait_ready(stop_, kReadySecondsMax));
    // A fork in the middle of a run is another measurement. Refused where there is no rewrite.
    (void)server->ask({"CONFIG", "SET", "auto-aof-rewrite-percentage", "0"});
    return server;
}

Result<std::unique_ptr<LoadGenerator>> Arena::connect(const ServerProcess& server,
                                                      const std::vector<Lane>& lanes) {
    LoadPlan plan;
    plan.endpoint = server.endpoint();
    plan.lanes = lanes;
    return LoadGenerator::connect(plan, stop_.fd());
}

Result<LoadResult> Arena::run(LoadGenerator& generator, double seconds) {
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

Status Arena::load_keys(ServerProcess& server, const Lane& what) {
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
    const auto size = TM_TRY(server.ask({"DBSIZE"}));
    const std::string expected = fmt::to_string(what.keys.first + what.keys.count);
    if (size == expected) return {};
    return fail(ErrorCode::kInvalid,
                fmt::format("{} has {} keys where {} were set", server.name(), size, expected));
}

Status Arena::round(ServerProcess& server, LoadGenerator& generator, Series& series) {
    const double cpu_before = server.cpu_us();
    const LoadResult result = TM_TRY(run(generator, options_.seconds));
    const double cpu_us = server.cpu_us() - cpu_before;
    uint64_t replies = 0;
    for (const LaneResult& lane : result.lanes) replies += lane.replies;
    if (replies == 0) return fail(ErrorCode::kIo, "no reply came");
    const auto count = static_cast<double>(replies);
    series.ops_per_s.push_back(count / result.seconds);
    series.server_us.push_back(cpu_us / count);
    series.client_us.push_back(result.client_cpu_us / count);
    series.latency.add(result.lanes[0].reads);
    series.latency.add(result.lanes[0].writes);
    return {};
}

Result<std::vector<Series>> Arena::interleave(const std::vector<Contest>& contests) {
    std::vector<std::unique_ptr<LoadGenerator>> generators;
    std::vector<Series> all(contests.size());
    for (size_t i = 0; i < contests.size(); i++) {
        all[i].server = contests[i].label;
        generators.push_back(TM_TRY(connect(*contests[i].server, contests[i].lanes)));
        TM_CHECK(run(*generators[i], std::min(kWarmUpSecondsMax, options_.seconds)));
    }
    for (int round_number = 0; round_number < options_.rounds; round_number++) {
        for (size_t i = 0; i < contests.size(); i++) {
            TM_CHECK(round(*contests[i].server, *generators[i], all[i]));
        }
    }
    return all;
}

}  // namespace tidemark::bench
