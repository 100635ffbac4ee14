#include "bench/report.h"

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace tidemark::bench {

namespace {

constexpr std::array<double, 3> kPercentiles = {50, 99, 99.9};

using Line = std::vector<std::string>;

// The first column and the last are left-aligned, the others right.
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

using Json = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void put(Json& json, const char* key, const std::string& value) {
    json.Key(key);
    json.String(value.c_str());
}

void put(Json& json, const char* key, double value) {
    json.Key(key);
    json.Double(value);
}

void put_figure(Json& json, const Figure& figure) {
    json.StartObject();
    json.Key("row");
    json.Int(figure.row);
    put(json, "what", figure.what);
    put(json, "ours", figure.ours);
    put(json, "theirs", figure.theirs);
    put(json, "value", figure.value);
    put(json, "unit", figure.unit);
    if (figure.target) {
        put(json, "target", figure.target->value);
        put(json, "bound", figure.target->bound == Bound::kAtLeast ? "at least" : "at most");
        json.Key("reached");
        json.Bool(figure.reached());
    }
    json.EndObject();
}

void put_series(Json& json, int row, const std::string& what, const Series& series) {
    json.StartObject();
    json.Key("row");
    json.Int(row);
    put(json, "what", what);
    put(json, "server", series.server);
    put(json, "ops_per_s", series.ops());
    put(json, "server_cpu_us", series.cpu());
    put(json, "client_cpu_us", median(series.client_us));
    json.Key("requests");
    json.Uint64(series.latency.count());
    put(json, "p50_us", static_cast<double>(series.latency.percentile(50)) / 1e3);
    put(json, "p99_us", static_cast<double>(series.latency.percentile(99)) / 1e3);
    put(json, "p99.9_us", static_cast<double>(series.latency.percentile(99.9)) / 1e3);
    put(json, "max_us", static_cast<double>(series.latency.max()) / 1e3);
    json.Key("rounds_ops_per_s");
    json.StartArray();
    for (const double ops : series.ops_per_s) json.Double(ops);
    json.EndArray();
    json.EndObject();
}

}  // namespace

bool Figure::reached() const {
    if (!target) return true;
    return target->bound == Bound::kAtLeast ? value >= target->value : value <= target->value;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string short_number(double value) {
    if (value >= 1e6) return fmt::format("{:.2f}M", value / 1e6);
    if (value >= 1e3) return fmt::format("{:.1f}k", value / 1e3);
    return fmt::format("{:.0f}", value);
}

double Series::ops() const {
    return median(ops_per_s);
}
double Series::cpu() const {
    return median(server_us);
}

void Report::add(int row, std::string what, const Series& series) {
    runs_.push_back({row, std::move(what), series});
}

void Report::failed(int row, const std::string& why) {
    any_failed_ = true;
    notes_.push_back(fmt::format("row {} FAILED: {}", row, why));
}

void Report::print_runs() const {
    if (runs_.empty()) return;
    std::vector<Line> lines = {{"#", "runs", "server", "ops/s", "server us/op", "client us/op",
                                "p50 us", "p99 us", "p99.9 us", "max us", "requests"}};
    for (const Run& run : runs_) {
        const Series& series = run.series;
        Line line = {fmt::to_string(run.row),
                     run.what,
                     series.server,
                     short_number(series.ops()),
                     fmt::format("{:.2f}", series.cpu()),
                     fmt::format("{:.2f}", median(series.client_us))};
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

void Report::print() const {
    print_runs();
    for (const std::string& note : notes_) fmt::print("note: {}\n", note);
    if (!notes_.empty()) fmt::print("\n");
    print_figures();
}

Status Report::write_json(const std::string& path, const std::string& machine) const {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "machine", machine);
    json.Key("figures");
    json.StartArray();
    for (const Figure& figure : figures_) put_figure(json, figure);
    json.EndArray();
    json.Key("runs");
    json.StartArray();
    for (const Run& run : runs_) put_series(json, run.row, run.what, run.series);
    json.EndArray();
    json.Key("notes");
    json.StartArray();
    for (const std::string& note : notes_) json.String(note.c_str());
    json.EndArray();
    json.EndObject();
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (file == nullptr) return fail(system_error(errno, "cannot write " + path));
    const bool written =
        std::fwrite(buffer.GetString(), 1, buffer.GetSize(), file) == buffer.GetSize();
    if (std::fclose(file) != 0 || !written) {
        return fail(system_error(errno, "cannot write " + path));
    }
    return {};
}

}  // namespace tidemark::bench
