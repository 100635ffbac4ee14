#include "bench/goals.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "bench/cells.h"
#include "bench/disk_probe.h"
#include "bench/slow_disk.h"

namespace tidemark::bench {

namespace {

using Targets = std::vector<std::pair<int, double>>;

// Clients and the least ratio of rates, ours to the peer's.
const Targets kAlwaysHere = {{1, 1.3}, {10, 1.5}, {50, 1.8}, {200, 1.6}, {500, 1.5}};
const Targets kAlwaysSlow = {{1, 1.8}, {50, 1.8}};
constexpr double kReadersTarget = 10;
constexpr double kMixedTarget = 1.8;
constexpr double kShareHere = 0.55;
constexpr double kShareSlow = 0.9;
// Pipeline, and the least ratio: everysec to off in rate; the peer to ours in CPU.
const Targets kEverysecTargets = {{1, 0.95}, {16, 0.85}};
const Targets kCpuTargets = {{1, 1.4}, {16, 2.5}, {64, 3}};
// Two runs of one program that are to differ by a tenth: more rounds, compared in pairs.
constexpr int kEverysecRoundsFactor = 2;
constexpr int kGoalCuts = 200;

constexpr int kReadersOfRow = 25;
constexpr int kWritersOfRow = 25;
constexpr uint64_t kShortDelayUs = 1'000;
constexpr uint64_t kLongDelayUs = 5'000;
// The CPU rows are about a table that does not fit the cache.
constexpr uint64_t kLargeKeys = 1'000'000;
constexpr int kUsualClients = 50;

std::string rate_text(const Series& series) {
    return short_number(series.ops()) + "/s";
}

std::string clients_text(int clients) {
    return fmt::format("{} client{}", clients, clients == 1 ? "" : "s");
}

}  // namespace

void Goals::row(int number, const std::string& what, Status (Goals::*measure)(int)) {
    const std::string name = fmt::format("row {} ({})", number, what);
    if (stage_.stop().raised()) return stage_.report().failed(name, "interrupted");
    const Status done = (this->*measure)(number);
    if (!done) stage_.report().failed(name, done.error().what);
}

void Goals::run() {
    row(1, "always", &Goals::always_here);
    row(2, "slow disks", &Goals::slow_disks);
    row(5, "everysec against off", &Goals::everysec_against_off);
    row(6, "CPU an operation", &Goals::cpu_an_operation);
    row(7, "nothing acknowledged is lost", &Goals::nothing_lost);
}

Lane Goals::lane(Verb verb, int clients, int pipeline) const {
    Lane lane;
    lane.verb = verb;
    lane.connections = clients;
    lane.pipeline = pipeline;
    lane.keys = {kWrittenFirst, options_.keys};
    lane.read_keys = {0, options_.keys};
    if (verb == Verb::kGet) lane.keys = lane.read_keys;
    return lane;
}

Result<Goals::Pair> Goals::start(Persistence policy, ScratchFolder& place) {
    Pair pair;
    const auto start_one = [&](const Contestant& contestant) {
        auto folder = place.subfolder(contestant.name);
        if (!folder) return Result<std::unique_ptr<ServerProcess>>(fail(folder.error()));
        return stage_.start(stage_.setup(contestant, policy, std::move(*folder)));
    };
    pair.ours = TM_TRY(start_one(contestants_[0]));
    pair.peer = TM_TRY(start_one(contestants_[1]));
    return pair;
}

Status Goals::set_settled(const Pair& pair) {
    for (ServerProcess* server : {pair.ours.get(), pair.peer.get()}) {
        TM_CHECK(stage_.set_all(*server, lane(Verb::kGet, 1, 1)));
    }
    return {};
}

Result<std::vector<Series>> Goals::compare(int number, const std::string& what, const Pair& pair,
                                           const std::vector<Lane>& lanes) {
    progress_.step(what, 2 * options_.seconds * (options_.rounds + 0.5));
    std::vector<Series> series =
        TM_TRY(stage_.interleave({{pair.ours.get(), lanes, pair.ours->name()},
                                  {pair.peer.get(), lanes, pair.peer->name()}}));
    for (const Series& one : series) stage_.report().add(number, what, one);
    return series;
}

void Goals::add_ratio(int number, const std::string& what, const Series& ours, const Series& peer,
                      double target) {
    stage_.report().add(Figure{number, what, rate_text(ours), rate_text(peer),
                               ours.ops() / peer.ops(), "x", Target{Bound::kAtLeast, target}});
}

Status Goals::always_rates(int number, const Pair& pair, const std::string& disk,
                           const Targets& targets) {
    for (const auto& [clients, target] : targets) {
        const std::string what =
            fmt::format("always, SET 64 B, {}, {}", disk, clients_text(clients));
        const auto series = TM_TRY(compare(number, what, pair, {lane(Verb::kSet, clients, 1)}));
        add_ratio(number, what, series[0], series[1], target);
    }
    return {};
}

// Commits of a bare prefilled overwrite and rounds of one client, in turns.
Status Goals::share_of_limit(int number, const Pair& pair, const std::string& folder,
                             const std::string& disk, double target) {
    const std::string what = fmt::format("share of the disk's limit, {}, 1 client", disk);
    progress_.step(what, (options_.seconds + options_.probe_seconds) * options_.rounds);
    auto generator = TM_TRY(stage_.connect(*pair.ours, {lane(Verb::kSet, 1, 1)}));
    TM_CHECK(stage_.run(*generator, options_.seconds / 2));
    Series series;
    series.server = pair.ours->name();
    std::vector<double> shares;
    std::vector<double> limits;
    for (int i = 0; i < options_.rounds; i++) {
        const DiskFigure bare =
            probe_disk(folder, disk, DiskUse::kOverwrite, options_.probe_seconds, stage_.stop());
        if (!bare.failure.empty()) return fail(ErrorCode::kIo, bare.failure);
        TM_CHECK(stage_.round(*pair.ours, *generator, series));
        limits.push_back(bare.per_s);
        shares.push_back(series.ops_per_s.back() / bare.per_s);
    }
    stage_.report().add(number, what, series);
    stage_.report().add(Figure{number, what, rate_text(series), short_number(median(limits)) + "/s",
                               median(shares), "", Target{Bound::kAtLeast, target}});
    return {};
}

Status Goals::always_here(int number) {
    const Pair pair = TM_TRY(start(Persistence::kAlways, stage_.scratch()));
    TM_CHECK(always_rates(number, pair, "no delay", kAlwaysHere));
    return share_of_limit(4, pair, stage_.scratch().path(), "no delay", kShareHere);
}

Status Goals::readers_beside_writers(int number, const Pair& pair, const std::string& disk) {
    TM_CHECK(set_settled(pair));
    std::string what = fmt::format("always, {}, {} readers of settled keys beside {} writers", disk,
                                   kReadersOfRow, kWritersOfRow);
    const auto apart =
        TM_TRY(compare(number, what, pair,
                       {lane(Verb::kGet, kReadersOfRow, 1), lane(Verb::kSet, kWritersOfRow, 1)}));
    const double ours = median(apart[0].reads_per_s);
    const double peer = median(apart[1].reads_per_s);
    stage_.report().add(Figure{number, what + ": reads", short_number(ours) + "/s",
                               short_number(peer) + "/s", ours / peer, "x",
                               Target{Bound::kAtLeast, kReadersTarget}});
    what = fmt::format("always, {}, reads and writes mixed on 50 connections", disk);
    Lane mixed = lane(Verb::kSet, kUsualClients, 1);
    mixed.read_share = 0.5;
    const auto together = TM_TRY(compare(number, what, pair, {mixed}));
    add_ratio(number, what, together[0], together[1], kMixedTarget);
    return {};
}

Status Goals::slow_disks(int number) {
    const std::string hindrance = slow_disk_hindrance();
    if (!hindrance.empty()) return fail(ErrorCode::kUnsupported, hindrance);
    for (const uint64_t delay_us : {kShortDelayUs, kLongDelayUs}) {
        SlowDisk slow = TM_TRY(SlowDisk::create(stage_.scratch(), delay_us));
        ScratchFolder place = TM_TRY(ScratchFolder::create(slow.path()));
        const std::string disk = delay_text(delay_us);
        const Pair pair = TM_TRY(start(Persistence::kAlways, place));
        TM_CHECK(always_rates(number, pair, disk, kAlwaysSlow));
        if (delay_us != kShortDelayUs) continue;
        TM_CHECK(share_of_limit(4, pair, place.path(), disk, kShareSlow));
        TM_CHECK(readers_beside_writers(3, pair, disk));
    }
    return {};
}

Status Goals::everysec_against_off(int number) {
    const Pair logged = TM_TRY(start(Persistence::kEverysec, stage_.scratch()));
    const Pair bare = TM_TRY(start(Persistence::kNone, stage_.scratch()));
    for (const auto& [pipeline, target] : kEverysecTargets) {
        const std::string what = fmt::format("ours, everysec / off, SET, {}, pipeline {}",
                                             clients_text(kUsualClients), pipeline);
        const int rounds = options_.rounds * kEverysecRoundsFactor;
        progress_.step(what, 2 * options_.seconds * (rounds + 0.5));
        const std::vector<Lane> lanes = {lane(Verb::kSet, kUsualClients, pipeline)};
        const auto series = TM_TRY(stage_.interleave(
            {{logged.ours.get(), lanes, "ours, everysec"}, {bare.ours.get(), lanes, "ours, off"}},
            rounds));
        for (const Series& one : series) stage_.report().add(number, what, one);
        stage_.report().add(Figure{number, what, rate_text(series[0]), rate_text(series[1]),
                                   median_ratio(series[0].ops_per_s, series[1].ops_per_s), "x",
                                   Target{Bound::kAtLeast, target}});
    }
    return {};
}

Status Goals::cpu_an_operation(int number) {
    const Pair pair = TM_TRY(start(Persistence::kNone, stage_.scratch()));
    const uint64_t keys = options_.quick ? options_.keys : kLargeKeys;
    for (ServerProcess* server : {pair.ours.get(), pair.peer.get()}) {
        Lane all;
        all.keys = {0, keys};
        TM_CHECK(stage_.set_all(*server, all));
    }
    for (const Verb verb : {Verb::kGet, Verb::kSet}) {
        for (const auto& [pipeline, target] : kCpuTargets) {
            const std::string what = fmt::format("{}, log off, {}, pipeline {}: CPU/op",
                                                 verb == Verb::kGet ? "GET" : "SET",
                                                 clients_text(kUsualClients), pipeline);
            Lane one = lane(verb, kUsualClients, pipeline);
            one.keys = {0, keys};
            const auto series = TM_TRY(compare(number, what, pair, {one}));
            stage_.report().add(
                Figure{number, what, series[0].cpu_text() + " us", series[1].cpu_text() + " us",
                       series[1].cpu() / series[0].cpu(), "x", Target{Bound::kAtLeast, target}});
        }
    }
    return {};
}

Status Goals::nothing_lost(int number) {
    if (geteuid() != 0) {
        return fail(ErrorCode::kUnsupported, "a power cut takes root and a loop device");
    }
    LoopDisk disk = TM_TRY(make_loss_disk(stage_.scratch()));
    LossTest test(stage_, &disk, progress_);
    const int cuts = options_.quick ? options_.cuts : kGoalCuts;
    const LossRow row = test.run(contestants_[0], Persistence::kAlways, cuts);
    stage_.report().add(row);
    if (!row.failure.empty() || stage_.stop().raised()) return {};
    stage_.report().add(
        Figure{number, fmt::format("acknowledged writes lost under always in {} cuts", row.cuts),
               fmt::format("{} of {}", row.lost, row.acknowledged),
               fmt::format("{} not recovered", row.not_recovered),
               static_cast<double>(row.lost + static_cast<uint64_t>(row.not_recovered)), "",
               Target{Bound::kAtMost, 0}});
    return {};
}

}  // namespace tidemark::bench
