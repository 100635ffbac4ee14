#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace tidemark::bench {

namespace {

constexpr std::array<double, 3> kPercentiles = {50, 99, 99.9};
constexpr std::array<double, 4> kCellPercentiles = {50, 99, 99.9, 99.99};

using Line = std::vector<std::string>;

// The first columns are left-aligned, the others right.
void print_table(const std::vector<Line>& lines, size_t left_columns) {
    std::vector<size_t> widths(lines.front().size());
    for (const Line& line : lines) {
        for (size_t i = 0; i < line.size(); i++) widths[i] = std::max(widths[i], line[i].size());
    }
    for (const Line& line : lines) {
        std::string text;
        for (size_t i = 0; i < line.size(); i++) {
            text += i < left_columns ? fmt::format("{:<{}}  ", line[i], widths[i])
                                     : fmt::format("{:>{}}  ", line[i], widths[i]);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        fmt::print("{}\n", text);
    }
    fmt::print("\n");
}

std::string target_text(const Figure& figure) {
    if (!figure.target) return "";
    const char* bound = figure.target->bound == Bound::kAtLeast ? ">=" : "<=";
    return fmt::format("{} {:g}{}", bound, figure.target->value, figure.unit);
}

const char* mark(const Figure& figure) {
    if (!figure.target) return "";
    return figure.reached() ? "ok" : "below";
}

std::string microseconds(uint64_t ns) {
    return fmt::format("{:.1f}", static_cast<double>(ns) / 1e3);
}

std::string optional_text(const std::optional<double>& value) {
    return value ? fmt::format("{:.1f}", *value) : "";
}

Line cell_line(const Report& report, const CellRun& run) {
    const Series& series = run.series;
    Line line = {policy_text(run.cell.policy), run.cell.text(), series.server};
    if (!series.failure.empty()) {
        line.push_back("FAILED");
        line.resize(15);
        return line;
    }
    line.push_back(short_number(series.ops()));
    line.push_back(fmt::format("{:.0f}%", series.spread_percent()));
    line.push_back(series.cpu_text());
    for (const double percent : kCellPercentiles) {
        line.push_back(
            series.writes.count() == 0 ? "" : microseconds(series.writes.percentile(percent)));
    }
    line.push_back(series.writes.count() == 0 ? "" : microseconds(series.writes.max()));
    line.push_back(series.reads.count() == 0
                       ? ""
                       : fmt::format("{} / {}", microseconds(series.reads.percentile(50)),
                                     microseconds(series.reads.percentile(99))));
    line.push_back(fmt::format("{} / {}", optional_text(series.log.writes_per_group()),
                               optional_text(series.log.groups_per_sync())));
    const auto acked = static_cast<double>(series.log.writes * payload_bytes(run.cell));
    line.push_back(
        series.log.written_bytes && acked > 0
            ? fmt::format("{:.2f}", static_cast<double>(*series.log.written_bytes) / acked)
            : "");
    const double share = report.share_of_limit(run);
    line.push_back(share > 0 ? fmt::format("{:.0f}%", 100 * share) : "");
    return line;
}

}  // namespace

void Report::add(int row, std::string what, const Series& series) {
    runs_.push_back({row, std::move(what), series});
}

void Report::failed(const std::string& what, const std::string& why) {
    any_failed_ = true;
    notes_.push_back(fmt::format("{} FAILED: {}", what, why));
}

double Report::limit_of(const std::string& disk) const {
    for (const DiskFigure& figure : disks_) {
        if (figure.disk == disk && figure.use == DiskUse::kOverwrite) return figure.per_s;
    }
    return 0;
}

double Report::share_of_limit(const CellRun& run) const {
    const Cell& cell = run.cell;
    if (cell.policy != Persistence::kAlways || cell.reads_percent != 0 || cell.rate > 0) return 0;
    const double limit = limit_of(cell.disk) * cell.clients * cell.pipeline;
    return limit > 0 ? run.series.ops() / limit : 0;
}

void Report::print_runs() const {
    if (runs_.empty()) return;
    std::vector<Line> lines = {{"#", "runs", "server", "ops/s", "server us/op", "client us/op",
                                "p50 us", "p99 us", "p99.9 us", "max us", "requests"}};
    for (const Run& run : runs_) {
        const Series& series = run.series;
        Line line = {fmt::to_string(run.row), run.what,
                     series.server,           short_number(series.ops()),
                     series.cpu_text(),       fmt::format("{:.2f}", median(series.client_us))};
        for (const double percent : kPercentiles) {
            line.push_back(microseconds(series.latency.percentile(percent)));
        }
        line.push_back(microseconds(series.latency.max()));
        line.push_back(fmt::to_string(series.latency.count()));
        lines.push_back(std::move(line));
    }
    print_table(lines, 3);
}

void Report::print_figures() const {
    if (figures_.empty()) return;
    std::vector<Line> lines = {{"#", "what", "ours", "against", "figure", "target", ""}};
    for (const Figure& figure : figures_) {
        lines.push_back({fmt::to_string(figure.row), figure.what, figure.ours, figure.theirs,
                         fmt::format("{:.2f}{}", figure.value, figure.unit), target_text(figure),
                         mark(figure)});
    }
    print_table(lines, 2);
}

void Report::print_disks() const {
    if (disks_.empty()) return;
    std::vector<Line> lines = {{"disk", "bare, one after the other", "a second", "p50 us", "p99 us",
                                "p99.9 us", "max us"}};
    for (const DiskFigure& figure : disks_) {
        Line line = {figure.disk, disk_use_text(figure.use)};
        if (!figure.failure.empty()) {
            line.push_back(figure.failure);
            line.resize(lines.front().size());
        } else {
            line.push_back(fmt::format("{:.0f}", figure.per_s));
            for (const double percent : kPercentiles) {
                line.push_back(microseconds(figure.latency.percentile(percent)));
            }
            line.push_back(microseconds(figure.latency.max()));
        }
        lines.push_back(std::move(line));
    }
    print_table(lines, 2);
}

void Report::print_cells() const {
    std::string disk;
    std::vector<Line> lines;
    const auto flush = [&] {
        if (lines.empty()) return;
        const double limit = limit_of(disk);
        fmt::print("on {}:{}\n", disk,
                   limit == 0 ? ""
                              : fmt::format(" a share of the limit is a share of {:.0f} commits a "
                                            "second times what one commit can carry",
                                            limit));
        print_table(lines, 3);
        lines.clear();
    };
    for (const CellRun& run : cells_) {
        if (run.cell.disk != disk) flush();
        disk = run.cell.disk;
        if (lines.empty()) {
            lines.push_back({"policy", "load", "server", "ops/s", "+-", "CPU us/op", "write p50 us",
                             "p99", "p99.9", "p99.99", "max", "read p50 / p99", "ops/group/sync",
                             "B/B", "limit"});
        }
        lines.push_back(cell_line(*this, run));
    }
    flush();
}

void Report::print_losses() const {
    if (losses_.empty()) return;
    std::vector<Line> lines = {{"policy", "server", "by", "cuts", "with loss", "acknowledged",
                                "lost", "most in one", "longest ms", "beyond sync",
                                "not recovered"}};
    for (const LossRow& row : losses_) {
        Line line = {policy_text(row.policy), row.server, cut_text(row.cut),
                     fmt::to_string(row.cuts)};
        if (row.failure.empty()) {
            line.insert(line.end(),
                        {fmt::to_string(row.cuts_with_loss), fmt::to_string(row.acknowledged),
                         fmt::to_string(row.lost), fmt::to_string(row.lost_max),
                         fmt::format("{:.1f}", row.lost_ms_max),
                         row.cuts_beyond_sync ? fmt::to_string(*row.cuts_beyond_sync) : "",
                         fmt::to_string(row.not_recovered)});
        } else {
            line.push_back("FAILED");
        }
        line.resize(lines.front().size());
        lines.push_back(std::move(line));
    }
    print_table(lines, 3);
}

void Report::print() const {
    print_disks();
    print_cells();
    print_runs();
    print_losses();
    for (const std::string& note : notes_) fmt::print("note: {}\n", note);
    if (!notes_.empty()) fmt::print("\n");
    print_figures();
    std::fflush(stdout);
}

Status Report::write_json(const std::string& path) const {
    return write_whole_file(path, findings_json(*this));
}

Status Report::write_page(const std::string& path, const std::string& title) const {
    return write_whole_file(path, findings_page(*this, title));
}

Status write_whole_file(const std::string& path, std::string_view text) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (file == nullptr) return fail(system_error(errno, "cannot write " + path));
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if (std::fclose(file) != 0 || !written) {
        return fail(system_error(errno, "cannot write " + path));
    }
    return {};
}

}  // namespace tidemark::bench
