// Row 3: what writers that wait for the disk do to readers of keys that nobody writes.
//
// The readers come at a fixed rate; the writers have keys of their own. A writer takes CPU from
// the readers whatever the policy, so the same writers without persistence are the fair baseline:
// what remains is what waiting for the disk adds. Two kinds of writers: closed loop (as fast as
// they are answered) and paced at half of that, which is the same work under both policies.
#include <fmt/format.h>

#include "bench/rows.h"

namespace tidemark::bench {

namespace {

constexpr int kReaders = 10;
constexpr double kReadsPerSecond = 5'000;
constexpr double kPacedShare = 0.5;
// A p99 of one round swings with whatever the machine does in it; the median of many does not.
constexpr int kRoundsFactor = 3;
constexpr Target kTarget{Bound::kAtMost, 1.5};

Lane reader_lane(const Options& options) {
    Lane lane = table_lane(options, Verb::kGet, 1);
    lane.connections = kReaders;
    lane.rate = kReadsPerSecond;
    return lane;
}

// Writes keys behind those that are read.
Lane writer_lane(const Options& options, double rate) {
    Lane lane = table_lane(options, Verb::kSet, 1);
    lane.keys = {options.keys, options.keys};
    lane.rate = rate;
    return lane;
}

std::string text(const Series& series) {
    return fmt::format("{:.0f} us", median(series.p99_us));
}

Figure p99_ratio(int row, const std::string& what, const Series& above, const Series& below,
                 std::optional<Target> target) {
    return Figure{row, what,  text(above), text(below), median_ratio(above.p99_us, below.p99_us),
                  "x", target};
}

}  // namespace

Status row_settled_reads(Arena& arena, int row) {
    const Options& options = arena.options();
    auto logged = TM_TRY(arena.start(Side::kOurs, Persistence::kAlways));
    auto bare = TM_TRY(arena.start(Side::kOurs, Persistence::kNone));
    auto peer = TM_TRY(arena.start(Side::kPeer, Persistence::kAlways));
    for (ServerProcess* server : {logged.get(), bare.get(), peer.get()}) {
        TM_CHECK(arena.load_keys(*server, table_lane(options, Verb::kSet, 1)));
    }
    const Lane reader = reader_lane(options);
    const Lane writer = writer_lane(options, 0);
    const auto closed = TM_TRY(arena.interleave({{logged.get(), {reader}, "ours, no writers"},
                                                 {logged.get(), {reader, writer}, "ours, always"},
                                                 {bare.get(), {reader, writer}, "ours, none"},
                                                 {peer.get(), {reader, writer}, "redis, always"}}));
    const double pace = (closed[1].ops() - kReadsPerSecond) * kPacedShare;
    const Lane paced_writer = writer_lane(options, pace > 1 ? pace : 1);
    const auto paced =
        TM_TRY(arena.interleave({{logged.get(), {reader, paced_writer}, "ours, always"},
                                 {bare.get(), {reader, paced_writer}, "ours, none"},
                                 {peer.get(), {reader, paced_writer}, "redis, always"}},
                                options.rounds * kRoundsFactor));
    Report& report = arena.report();
    const std::string closed_what = "GET beside closed-loop SETs";
    const std::string paced_what = fmt::format("GET beside {} SET/s", short_number(pace));
    for (const Series& one : closed) report.add(row, closed_what, one);
    for (const Series& one : paced) report.add(row, paced_what, one);

    report.add(p99_ratio(row, "GET p99, closed-loop SETs: always / no writers", closed[1],
                         closed[0], std::nullopt));
    report.add(p99_ratio(row, "GET p99, closed-loop SETs: always / appendonly no", closed[1],
                         closed[2], kTarget));
    report.add(
        p99_ratio(row, "GET p99, paced SETs: always / appendonly no", paced[0], paced[1], kTarget));
    report.add(p99_ratio(row, "GET p99, closed-loop SETs, always: ours / redis", closed[1],
                         closed[3], std::nullopt));
    report.add(p99_ratio(row, "GET p99, paced SETs, always: ours / redis", paced[0], paced[2],
                         std::nullopt));
    return {};
}

}  // namespace tidemark::bench
