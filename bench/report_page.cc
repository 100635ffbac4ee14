// The findings as one page, for a browser, without a network.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "bench/report.h"
#include "tools/html/chart.h"
#include "tools/html/line_chart.h"
#include "tools/html/page.h"
#include "tools/html/table.h"

namespace tidemark::bench {

namespace {

constexpr std::array<Persistence, 4> kPolicies = {Persistence::kAlways, Persistence::kEverysec,
                                                  Persistence::kNo, Persistence::kNone};

// Each server keeps its colour over the whole page.
class Colours {
public:
    explicit Colours(const Report& report) {
        for (const CellRun& run : report.cells()) of(run.series.server);
    }
    unsigned of(const std::string& server) {
        return html::colour_of(numbers_.try_emplace(server, numbers_.size()).first->second);
    }

private:
    std::map<std::string, size_t> numbers_;
};

class Writer {
public:
    Writer(const Report& report, const std::string& title)
        : report_(report), page_(title, fact("machine")), colours_(report) {}

    std::string write() {
        put_headline();
        put_promises();
        for (const Persistence policy : kPolicies) put_throughput(policy);
        put_slow_disks();
        put_losses();
        put_percentiles(Loop::kClosed);
        put_percentiles(Loop::kOpen);
        put_disks();
        put_cells();
        put_runs();
        put_notes();
        put_facts();
        return page_.finish("Written by Tidemark's benchmark; docs/fsync.md says how to read it.");
    }

private:
    enum class Loop : uint8_t { kClosed, kOpen };

    std::string fact(const std::string& name) const {
        for (const auto& [key, value] : report_.facts()) {
            if (key == name) return value;
        }
        return {};
    }

    std::string first_disk() const {
        return report_.cells().empty() ? std::string() : report_.cells().front().cell.disk;
    }

    // Where the axes meet: the first cell of the policy on the first disk.
    const Cell* base(Persistence policy) const {
        for (const CellRun& run : report_.cells()) {
            if (run.cell.disk == first_disk() && run.cell.policy == policy) return &run.cell;
        }
        return nullptr;
    }

    void put_headline() {
        const Cell* always = base(Persistence::kAlways);
        for (const CellRun& run : report_.cells()) {
            if (always == nullptr || !(run.cell == *always) || run.series.ops() <= 0) continue;
            page_.figure(short_number(run.series.ops()),
                         fmt::format("durable writes a second, {}, {} client{}", run.series.server,
                                     run.cell.clients, run.cell.clients == 1 ? "" : "s"));
        }
        if (const double limit = report_.limit_of(first_disk()); limit > 0) {
            page_.figure(short_number(limit), "commits a second, the bare disk");
        }
        for (const LossRow& row : report_.losses()) {
            if (row.policy != Persistence::kAlways || !row.failure.empty()) continue;
            page_.figure(fmt::to_string(row.lost),
                         fmt::format("acknowledged writes lost under always, {}, {} cut{}",
                                     row.server, row.cuts, row.cuts == 1 ? "" : "s"));
        }
    }

    void put_promises() {
        if (report_.figures().empty()) return;
        page_.section("Promises");
        html::Table table({{"what", html::Align::kLeft},
                           {"ours"},
                           {"against"},
                           {"figure"},
                           {"target"},
                           {"", html::Align::kLeft}});
        for (const Figure& figure : report_.figures()) {
            const bool at_least = figure.target && figure.target->bound == Bound::kAtLeast;
            table.add({{figure.what, {}, "wide"},
                       {figure.ours},
                       {figure.theirs},
                       {fmt::format("{:.2f}{}", figure.value, figure.unit), figure.value},
                       {figure.target ? fmt::format("{} {:g}{}", at_least ? "≥" : "≤",
                                                    figure.target->value, figure.unit)
                                      : ""},
                       {!figure.target     ? ""
                        : figure.reached() ? "ok"
                                           : "below"}});
        }
        page_.add(table.html());
    }

    // Throughput by clients of one policy: a line a server, and the disk's limit.
    void put_throughput(Persistence policy) {
        const Cell* at = base(policy);
        if (at == nullptr) return;
        std::map<std::string, html::Series> lines;
        html::Axis x{"clients", html::Scale::kLog, {}};
        for (const CellRun& run : report_.cells()) {
            Cell same = run.cell;
            same.clients = at->clients;
            if (!(same == *at) || run.series.ops() <= 0) continue;
            html::Series& line = lines[run.series.server];
            line.name = run.series.server;
            line.colour = colours_.of(run.series.server);
            line.points.push_back({static_cast<double>(run.cell.clients), run.series.ops(),
                                   fmt::format("{}, {}: {}/s, p99 {}", run.series.server,
                                               run.cell.text(), short_number(run.series.ops()),
                                               duration_text(static_cast<double>(
                                                   run.series.writes.percentile(99))))});
            x.marks.push_back(run.cell.clients);
        }
        std::sort(x.marks.begin(), x.marks.end());
        x.marks.erase(std::unique(x.marks.begin(), x.marks.end()), x.marks.end());
        std::vector<html::Series> all;
        for (auto& [server, line] : lines) {
            std::sort(line.points.begin(), line.points.end(),
                      [](const html::Point& a, const html::Point& b) { return a.x < b.x; });
            all.push_back(std::move(line));
        }
        std::vector<html::Limit> limits;
        const double limit = report_.limit_of(at->disk);
        if (policy == Persistence::kAlways && limit > 0) {
            limits.push_back({"commits of the bare disk", limit});
        }
        page_.half_section(fmt::format("Throughput, {}", policy_name(policy)));
        page_.note(policy == Persistence::kAlways
                       ? "Writes a second. Above the dashed line several clients share a commit."
                       : "Writes a second. Nobody waits for the disk.");
        page_.add(html::line_chart(all, limits, x, {"writes a second", html::Scale::kLog, {}}));
    }

    static std::string policy_name(Persistence policy) {
        if (policy == Persistence::kNone) return "log off";
        return fmt::format("appendfsync {}", policy_text(policy));
    }

    // Bars of the servers under each load; a section a disk.
    void put_slow_disks() {
        std::string disk = first_disk();
        std::string load;
        std::vector<html::Bar> bars;
        const auto flush = [&] {
            if (bars.empty()) return;
            page_.note(load);
            page_.add(html::bars(bars));
            bars.clear();
        };
        for (const CellRun& run : report_.cells()) {
            if (run.cell.disk == first_disk()) continue;
            if (run.cell.disk != disk || run.cell.text() != load) flush();
            if (run.cell.disk != disk) begin_slow_disk(run.cell.disk);
            disk = run.cell.disk;
            load = run.cell.text();
            bars.push_back({run.series.server, run.series.ops(),
                            short_number(run.series.ops()) + "/s", "",
                            colours_.of(run.series.server)});
        }
        flush();
    }

    void begin_slow_disk(const std::string& disk) {
        page_.section(fmt::format("appendfsync always, {}", disk));
        page_.note(fmt::format(
            "Operations a second where every flush takes that long; the bare disk makes {:.0f} "
            "commits a second.",
            report_.limit_of(disk)));
    }

    // Latency of writes: how slow the slowest of so many is. One chart a policy.
    void put_percentiles(Loop loop) {
        for (const Persistence policy : kPolicies) {
            const Cell* at = base(policy);
            if (at == nullptr) continue;
            std::vector<html::Series> lines;
            std::string load;
            for (const CellRun& run : report_.cells()) {
                Cell same = run.cell;
                same.rate = at->rate;
                const bool open = run.cell.rate > 0;
                if (!(same == *at) || open != (loop == Loop::kOpen)) continue;
                if (run.series.writes.count() == 0) continue;
                load = run.cell.text();
                lines.push_back(percentile_line(run.series));
            }
            if (lines.empty()) continue;
            page_.half_section(fmt::format("Write latency, {}, {}", policy_name(policy),
                                           loop == Loop::kOpen ? "fixed rate" : "closed loop"));
            page_.note(fmt::format(
                "{}. One write in so many takes longer than the line says.{}", load,
                loop == Loop::kOpen ? " Counted from the time at which each was due." : ""));
            page_.add(html::line_chart(
                lines, {},
                {"one in so many is slower", html::Scale::kLog, {2, 10, 100, 1'000, 10'000}},
                {"microseconds", html::Scale::kLog, {}}));
        }
    }

    html::Series percentile_line(const Series& series) {
        html::Series line;
        line.name = series.server;
        line.colour = colours_.of(series.server);
        for (const double percent : {50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.95, 99.99}) {
            const double one_in = 100 / (100 - percent);
            // What only a handful of writes tell is not drawn.
            if (static_cast<double>(series.writes.count()) < one_in) break;
            const auto ns = static_cast<double>(series.writes.percentile(percent));
            line.points.push_back(
                {one_in, ns / 1e3,
                 fmt::format("{}: p{:g} {}", series.server, percent, duration_text(ns))});
        }
        return line;
    }

    void put_losses() {
        if (report_.losses().empty()) return;
        page_.section("What was lost");
        page_.note(report_.losses().front().cut == Cut::kPower
                       ? "The file system was cut off without a flush at random moments, under "
                         "load; then the server was started on what was left."
                       : "kill -9 at random moments: what the kernel had been given survives, so "
                         "this does not show a power cut.");
        html::Table table({{"policy", html::Align::kLeft},
                           {"server", html::Align::kLeft},
                           {"by", html::Align::kLeft},
                           {"cuts"},
                           {"with loss"},
                           {"writes"},
                           {"lost"},
                           {"most at once"},
                           {"longest, ms"},
                           {"beyond sync"},
                           {"not back"}});
        for (const LossRow& row : report_.losses()) {
            table.add({{policy_text(row.policy)},
                       {row.server},
                       {row.failure.empty() ? cut_text(row.cut) : "failed: " + row.failure},
                       number(row.cuts),
                       number(row.cuts_with_loss),
                       number(static_cast<double>(row.acknowledged)),
                       number(static_cast<double>(row.lost)),
                       number(static_cast<double>(row.lost_max)),
                       {fmt::format("{:.1f}", row.lost_ms_max), row.lost_ms_max},
                       row.cuts_beyond_sync ? number(*row.cuts_beyond_sync) : html::Cell{""},
                       number(row.not_recovered)});
        }
        page_.add(table.html());
    }

    static html::Cell number(double value) { return {fmt::format("{:.0f}", value), value}; }
    static html::Cell us(uint64_t ns) {
        return {duration_text(static_cast<double>(ns)), static_cast<double>(ns)};
    }

    void put_disks() {
        if (report_.disks().empty()) return;
        page_.section("The bare disk");
        page_.note(
            "One commit of 256 bytes after the other, without a server: what no log can "
            "beat with one client.");
        html::Table table({{"disk", html::Align::kLeft},
                           {"commit", html::Align::kLeft},
                           {"a second"},
                           {"p50"},
                           {"p99"},
                           {"p99.9"},
                           {"max"}});
        for (const DiskFigure& figure : report_.disks()) {
            const Histogram& latency = figure.latency;
            table.add({{figure.disk},
                       {figure.failure.empty()
                            ? disk_use_text(figure.use)
                            : fmt::format("{}: {}", disk_use_text(figure.use), figure.failure)},
                       number(figure.per_s),
                       us(latency.percentile(50)),
                       us(latency.percentile(99)),
                       us(latency.percentile(99.9)),
                       us(latency.max())});
        }
        page_.add(table.html());
    }

    void put_cells() {
        if (report_.cells().empty()) return;
        page_.section("Everything measured");
        html::Table table(
            {{"disk", html::Align::kLeft},
             {"policy", html::Align::kLeft},
             {"load", html::Align::kLeft},
             {"server", html::Align::kLeft},
             {"ops/s"},
             {"spread", html::Align::kRight, "highest less lowest round, of the median"},
             {"CPU us/op", html::Align::kRight, "of the server, kernel's workers included"},
             {"write p50"},
             {"p99"},
             {"p99.9"},
             {"p99.99"},
             {"max"},
             {"read p50"},
             {"read p99"},
             {"writes/group"},
             {"groups/sync"},
             {"bytes/byte", html::Align::kRight,
              "written to the disk for each acknowledged byte of key and value"},
             {"of limit", html::Align::kRight,
              "of the bare disk's commits a second times what one can carry"}});
        for (const CellRun& run : report_.cells()) table.add(cell_row(run));
        page_.add(table.html());
    }

    std::vector<html::Cell> cell_row(const CellRun& run) const {
        const Series& series = run.series;
        const auto latency = [](const Histogram& of, double percent) {
            return of.count() == 0 ? html::Cell{} : us(of.percentile(percent));
        };
        const auto optional = [](const std::optional<double>& value) {
            return value ? html::Cell{fmt::format("{:.1f}", *value), *value} : html::Cell{};
        };
        const auto acked = static_cast<double>(series.log.writes * payload_bytes(run.cell));
        std::optional<double> amplification;
        if (series.log.written_bytes && acked > 0) {
            amplification = static_cast<double>(*series.log.written_bytes) / acked;
        }
        const double share = report_.share_of_limit(run);
        return {{run.cell.disk},
                {policy_text(run.cell.policy)},
                {run.cell.text()},
                {series.server},
                series.failure.empty() ? html::Cell{short_number(series.ops()), series.ops()}
                                       : html::Cell{"failed", 0.0},
                {fmt::format("{:.0f} %", series.spread_percent()), series.spread_percent()},
                {series.cpu_text(), series.cpu()},
                latency(series.writes, 50),
                latency(series.writes, 99),
                latency(series.writes, 99.9),
                latency(series.writes, 99.99),
                latency(series.writes, 100),
                latency(series.reads, 50),
                latency(series.reads, 99),
                optional(series.log.writes_per_group()),
                optional(series.log.groups_per_sync()),
                optional(amplification),
                share > 0 ? html::Cell{fmt::format("{:.0f} %", 100 * share), share} : html::Cell{}};
    }

    void put_runs() {
        if (report_.runs().empty()) return;
        page_.section("Runs behind the promises");
        html::Table table({{"run", html::Align::kLeft},
                           {"server", html::Align::kLeft},
                           {"ops/s"},
                           {"spread"},
                           {"CPU us/op"},
                           {"p50"},
                           {"p99"},
                           {"p99.9"},
                           {"max"}});
        for (const Report::Run& run : report_.runs()) {
            const Histogram& latency = run.series.latency;
            table.add({{run.what, {}, "wide"},
                       {run.series.server},
                       {short_number(run.series.ops()), run.series.ops()},
                       {fmt::format("{:.0f} %", run.series.spread_percent()),
                        run.series.spread_percent()},
                       {run.series.cpu_text(), run.series.cpu()},
                       us(latency.percentile(50)),
                       us(latency.percentile(99)),
                       us(latency.percentile(99.9)),
                       us(latency.max())});
        }
        page_.add(table.html());
    }

    void put_notes() {
        if (report_.notes().empty()) return;
        page_.section("Notes");
        for (const std::string& note : report_.notes()) page_.note(note);
    }

    void put_facts() {
        page_.section("Machine and options");
        html::Table table({{"what", html::Align::kLeft}, {"is", html::Align::kLeft}},
                          html::Sorting::kOff);
        for (const auto& [name, value] : report_.facts()) {
            table.add({{name}, {value, {}, "wide"}});
        }
        page_.add(table.html());
    }

    const Report& report_;
    html::Page page_;
    Colours colours_;
};

}  // namespace

std::string findings_page(const Report& report, const std::string& title) {
    return Writer(report, title).write();
}

}  // namespace tidemark::bench
