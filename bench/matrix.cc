#include "bench/matrix.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemark::bench {

namespace {

// Large values: fewer keys, so that memory is not what is measured.
constexpr uint64_t kKeyspaceBytesMax = uint64_t{64} << 20;
constexpr double kStartSeconds = 0.5;
constexpr double kOpenLoopShare = 0.5;

uint64_t keys_for(const FsyncOptions& options, uint32_t value_bytes) {
    const uint64_t most = std::max<uint64_t>(1, kKeyspaceBytesMax / value_bytes);
    return std::min(options.keys, most);
}

double cell_seconds(const FsyncOptions& options, size_t contestants) {
    return static_cast<double>(contestants) * options.seconds * (options.rounds + 0.5);
}

}  // namespace

double Matrix::seconds_of(const FsyncOptions& options, size_t contestants, size_t cells) {
    const size_t open = options.rate == FsyncOptions::kRateAuto ? 1 : 0;
    return static_cast<double>(contestants) * kStartSeconds +
           static_cast<double>(cells + open) * cell_seconds(options, contestants);
}

Status Matrix::start(Entrant& entrant, Persistence policy) {
    const Contestant& contestant = *entrant.contestant;
    ServerSetup setup = stage_.setup(contestant, policy, TM_TRY(place_.subfolder(contestant.name)));
    if (options_.listen_port != 0) {
        const auto place = static_cast<uint16_t>(&contestant - contestants_.data());
        setup.port = static_cast<uint16_t>(options_.listen_port + place);
    }
    entrant.settled.clear();
    entrant.server.reset();  // before the next listens, where ports are given
    entrant.server = TM_TRY(stage_.start(setup));
    return {};
}

Status Matrix::settle(Entrant& entrant, const Cell& cell) {
    if (cell.reads_percent == 0 || entrant.settled.contains(cell.value_bytes)) return {};
    KeyRange range;
    range.count = keys_for(options_, cell.value_bytes);
    range.first = entrant.settled.size() * options_.keys;
    Lane lane;
    lane.keys = range;
    lane.value_bytes = cell.value_bytes;
    TM_CHECK(stage_.set_all(*entrant.server, lane));
    entrant.settled[cell.value_bytes] = range;
    return {};
}

// Alive and with the keys that the cell reads, or given up.
void Matrix::prepare(Entrant& entrant, const Cell& cell) {
    if (entrant.given_up || stage_.stop().raised()) return;
    Status ready;
    const bool dead = !entrant.server || !entrant.server->ending().empty();
    if (dead && entrant.contestant != nullptr) ready = start(entrant, cell.policy);
    if (ready) ready = settle(entrant, cell);
    if (ready || stage_.stop().raised()) return;
    entrant.given_up = true;
    const std::string name =
        entrant.contestant != nullptr ? entrant.contestant->name : entrant.server->name();
    stage_.report().failed(fmt::format("{} under {} on {}", name, policy_text(cell.policy), disk_),
                           ready.error().what);
}

CellKeys Matrix::keys_of(const Entrant& entrant, const Cell& cell) const {
    CellKeys keys;
    const auto settled = entrant.settled.find(cell.value_bytes);
    if (settled != entrant.settled.end()) keys.settled = settled->second;
    keys.written = {kWrittenFirst, keys_for(options_, cell.value_bytes)};
    return keys;
}

double Matrix::run_cell(const Cell& cell) {
    progress_.step(fmt::format("{}, {}, {}", disk_, policy_text(cell.policy), cell.text()),
                   cell_seconds(options_, entrants_.size()));
    std::vector<Stage::Contest> contests;
    for (Entrant& entrant : entrants_) {
        prepare(entrant, cell);
        if (entrant.given_up || stage_.stop().raised()) continue;
        contests.push_back(
            {entrant.server.get(), lanes_of(cell, keys_of(entrant, cell)), entrant.server->name()});
    }
    double slowest = 0;
    for (Series& series : stage_.run_in_turns(contests)) {
        if (!series.failure.empty() && !stage_.stop().raised()) {
            stage_.report().failed(
                fmt::format("{}, {}, {}", series.server, policy_text(cell.policy), cell.text()),
                series.failure);
        }
        const bool interrupted = stage_.stop().raised() && !series.failure.empty();
        if (interrupted && series.ops_per_s.empty()) continue;
        if (interrupted) series.failure.clear();  // the rounds that it had are worth showing
        if (series.ops() > 0)
            slowest = slowest > 0 ? std::min(slowest, series.ops()) : series.ops();
        stage_.report().add(CellRun{cell, std::move(series)});
    }
    return slowest;
}

void Matrix::run_cells(const std::vector<Cell>& cells) {
    double base_rate = 0;
    for (const Cell& cell : cells) {
        if (stage_.stop().raised()) return;
        const double slowest = run_cell(cell);
        if (&cell == &cells.front()) base_rate = slowest;
    }
    if (options_.rate != FsyncOptions::kRateAuto || base_rate <= 0 || stage_.stop().raised())
        return;
    Cell open = cells.front();
    // However slow the servers are, every connection has something to send.
    open.rate = std::max(open.clients / options_.seconds, base_rate * kOpenLoopShare);
    run_cell(open);
}

void Matrix::run(const std::vector<Cell>& cells) {
    entrants_.clear();
    for (const Contestant& contestant : contestants_) {
        Entrant entrant;
        entrant.contestant = &contestant;
        entrants_.push_back(std::move(entrant));
    }
    run_cells(cells);
    entrants_.clear();
}

void Matrix::run_attached(std::unique_ptr<ServerProcess> server, const std::vector<Cell>& cells) {
    entrants_.clear();
    Entrant entrant;
    entrant.server = std::move(server);
    entrants_.push_back(std::move(entrant));
    run_cells(cells);
    entrants_.clear();
}

}  // namespace tidemark::bench
