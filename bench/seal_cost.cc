#include "bench/seal_cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "aof/codec/annotation.h"
#include "aof/group_buffer.h"
#include "bench/load_connection.h"

namespace tidemark::bench {

namespace {

constexpr uint64_t kMeasureNs = 20'000'000;

// Of one seal over so many bytes.
double seal_us(size_t body_bytes) {
    std::vector<char> line(aof::kSealBytes);
    const std::string body(body_bytes, 'x');
    const uint64_t begin = now_ns();
    uint64_t now = begin;
    uint64_t seals = 0;
    for (; now - begin < kMeasureNs; now = now_ns()) {
        for (int i = 0; i < 16; i++) aof::write_seal(line.data(), seals++, 0, body);
    }
    return static_cast<double>(now - begin) / 1e3 / static_cast<double>(seals);
}

void note_one(Report& report, const CellRun& run) {
    const LogUse& log = run.series.log;
    if (!log.groups || !log.group_bytes || *log.groups == 0 || log.writes == 0) return;
    const auto groups = static_cast<double>(*log.groups);
    const double group_bytes = static_cast<double>(*log.group_bytes) / groups;
    const double seals_a_group = std::ceil(group_bytes / static_cast<double>(aof::kPieceBytes));
    const double share = seals_a_group * static_cast<double>(aof::kSealBytes) / group_bytes;
    const double us_an_op = seal_us(static_cast<size_t>(group_bytes / seals_a_group)) *
                            seals_a_group * groups / static_cast<double>(log.writes);
    report.note(fmt::format(
        "seals, {}, {}: {:.1f} % of the log's bytes, {:.3f} us of {:.2f} us CPU an operation "
        "(groups of {:.0f} B)",
        policy_text(run.cell.policy), run.cell.text(), 100 * share, us_an_op, run.series.cpu(),
        group_bytes));
}

}  // namespace

void note_seal_cost(Report& report) {
    std::vector<CellRun> chosen;
    for (const CellRun& run : report.cells()) {
        const bool plain = run.cell.policy == Persistence::kAlways && run.cell.reads_percent == 0 &&
                           run.cell.rate == 0 && run.series.log.groups;
        const bool seen = std::any_of(chosen.begin(), chosen.end(), [&](const CellRun& other) {
            return other.cell.pipeline == run.cell.pipeline &&
                   other.cell.clients == run.cell.clients;
        });
        if (plain && !seen) chosen.push_back(run);
    }
    for (const CellRun& run : chosen) note_one(report, run);
}

}  // namespace tidemark::bench
