// Rows 1, 2 and 4: operations, their CPU and their rate.
#include <fmt/format.h>

#include <array>

#include "bench/rows.h"

namespace tidemark::bench {

namespace {

std::string cpu_text(const Series& series) {
    return series.cpu_text() + " us";
}

std::string rate_text(const Series& series) {
    return short_number(series.ops()) + "/s";
}

// Lowest and highest ratio of the rounds, said when they are far from each other.
void note_spread(Report& report, int row, const std::string& what, const std::vector<double>& above,
                 const std::vector<double>& below) {
    double least = above[0] / below[0];
    double most = least;
    for (size_t i = 1; i < above.size(); i++) {
        least = std::min(least, above[i] / below[i]);
        most = std::max(most, above[i] / below[i]);
    }
    constexpr double kWorthSaying = 1.15;
    if (most > least * kWorthSaying) {
        report.note(fmt::format("row {}, {}: the rounds' ratios go from {:.2f} to {:.2f}", row,
                                what, least, most));
    }
}

struct PipelineTarget {
    int pipeline;
    double cpu_ratio;
};
constexpr std::array<PipelineTarget, 3> kCpuTargets = {{{1, 1.35}, {16, 2.2}, {64, 2.5}}};

struct ClientsTarget {
    int clients;
    double rate_ratio;
};
constexpr std::array<ClientsTarget, 4> kAlwaysTargets = {
    {{1, 1.2}, {10, 1.3}, {50, 1.5}, {200, 1.4}}};

constexpr double kEverysecTarget = 0.9;
// Two runs of one program that are to differ by a tenth: their rounds are compared in pairs, and
// there are more of them.
constexpr int kEverysecRoundsFactor = 2;

}  // namespace

Status row_cpu(Arena& arena, int row) {
    const Options& options = arena.options();
    auto ours = TM_TRY(arena.start(Side::kOurs, Persistence::kNone));
    auto peer = TM_TRY(arena.start(Side::kPeer, Persistence::kNone));
    for (ServerProcess* server : {ours.get(), peer.get()}) {
        TM_CHECK(arena.load_keys(*server, table_lane(options, Verb::kSet, 1)));
    }
    for (const Verb verb : {Verb::kGet, Verb::kSet}) {
        for (const PipelineTarget& target : kCpuTargets) {
            const std::string what =
                fmt::format("{}, no persistence, pipeline {}", verb == Verb::kGet ? "GET" : "SET",
                            target.pipeline);
            const std::vector<Lane> lanes = {table_lane(options, verb, target.pipeline)};
            const auto series = TM_TRY(
                arena.interleave({{ours.get(), lanes, "ours"}, {peer.get(), lanes, "redis"}}));
            for (const Series& one : series) arena.report().add(row, what, one);
            note_spread(arena.report(), row, what, series[1].server_us, series[0].server_us);
            arena.report().add(Figure{row, what + ": CPU/op", cpu_text(series[0]),
                                      cpu_text(series[1]), series[1].cpu() / series[0].cpu(), "x",
                                      Target{Bound::kAtLeast, target.cpu_ratio}});
        }
    }
    return {};
}

Status row_always(Arena& arena, int row) {
    const Options& options = arena.options();
    auto ours = TM_TRY(arena.start(Side::kOurs, Persistence::kAlways));
    auto peer = TM_TRY(arena.start(Side::kPeer, Persistence::kAlways));
    for (ServerProcess* server : {ours.get(), peer.get()}) {
        TM_CHECK(arena.load_keys(*server, table_lane(options, Verb::kSet, 1)));
    }
    for (const ClientsTarget& target : kAlwaysTargets) {
        const std::string what =
            fmt::format("SET, always, {} client{}", target.clients, target.clients == 1 ? "" : "s");
        Lane lane = table_lane(options, Verb::kSet, 1);
        lane.connections = target.clients;
        const auto series =
            TM_TRY(arena.interleave({{ours.get(), {lane}, "ours"}, {peer.get(), {lane}, "redis"}}));
        for (const Series& one : series) arena.report().add(row, what, one);
        note_spread(arena.report(), row, what, series[0].ops_per_s, series[1].ops_per_s);
        arena.report().add(Figure{row, what + ": rate", rate_text(series[0]), rate_text(series[1]),
                                  series[0].ops() / series[1].ops(), "x",
                                  Target{Bound::kAtLeast, target.rate_ratio}});
    }
    return {};
}

Status row_everysec(Arena& arena, int row) {
    const Options& options = arena.options();
    auto logged = TM_TRY(arena.start(Side::kOurs, Persistence::kEverysec));
    auto bare = TM_TRY(arena.start(Side::kOurs, Persistence::kNone));
    for (ServerProcess* server : {logged.get(), bare.get()}) {
        TM_CHECK(arena.load_keys(*server, table_lane(options, Verb::kSet, 1)));
    }
    for (const int pipeline : {1, 16}) {
        const std::string what = fmt::format("SET, ours, everysec / none, pipeline {}", pipeline);
        const std::vector<Lane> lanes = {table_lane(options, Verb::kSet, pipeline)};
        const auto series = TM_TRY(
            arena.interleave({{logged.get(), lanes, "everysec"}, {bare.get(), lanes, "none"}},
                             options.rounds * kEverysecRoundsFactor));
        for (const Series& one : series) arena.report().add(row, what, one);
        note_spread(arena.report(), row, what, series[0].ops_per_s, series[1].ops_per_s);
        arena.report().add(Figure{row, what + ": rate", rate_text(series[0]), rate_text(series[1]),
                                  median_ratio(series[0].ops_per_s, series[1].ops_per_s), "x",
                                  Target{Bound::kAtLeast, kEverysecTarget}});
    }
    return {};
}

}  // namespace tidemark::bench
