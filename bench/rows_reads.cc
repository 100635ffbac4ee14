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

double p99_us(const Series& series) {
    return static_cast<double>(series.latency.percentile(99)) / 1e3;
}

std::string text(const Series& series) {
    return fmt::format("{:.0f} us", p99_us(series));
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
                                 {peer.get(), {reader, paced_writer}, "redis, always"}}));
    Report& report = arena.report();
    const std::string closed_what = "GET beside closed-loop SETs";
    const std::string paced_what = fmt::format("GET beside {} SET/s", short_number(pace));
    for (const Series& one : closed) report.add(row, closed_what, one);
    for (const Series& one : paced) report.add(row, paced_what, one);

    report.add(Figure{row, "GET p99, closed-loop SETs: always / no writers", text(closed[1]),
                      text(closed[0]), p99_us(closed[1]) / p99_us(closed[0]), "x", std::nullopt});
    report.add(Figure{row, "GET p99, closed-loop SETs: always / appendonly no", text(closed[1]),
                      text(closed[2]), p99_us(closed[1]) / p99_us(closed[2]), "x", kTarget});
    report.add(Figure{row, "GET p99, paced SETs: always / appendonly no", text(paced[0]),
                      text(paced[1]), p99_us(paced[0]) / p99_us(paced[1]), "x", kTarget});
    report.add(Figure{row, "GET p99, closed-loop SETs, always: ours / redis", text(closed[1]),
                      text(closed[3]), p99_us(closed[1]) / p99_us(closed[3]), "x", std::nullopt});
    report.add(Figure{row, "GET p99, paced SETs, always: ours / redis", text(paced[0]),
                      text(paced[2]), p99_us(paced[0]) / p99_us(paced[2]), "x", std::nullopt});
    return {};
}

}  // namespace tidemark::bench
