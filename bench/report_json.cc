// The findings as JSON. Latencies in microseconds, rates a second; what is unknown is left out.
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <array>
#include <cmath>

#include "bench/report.h"

namespace tidemark::bench {

namespace {

using Json = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void put(Json& json, const char* key, const std::string& value) {
    json.Key(key);
    json.String(value.c_str());
}

void put(Json& json, const char* key, double value) {
    json.Key(key);
    json.Double(std::isfinite(value) ? value : 0);
}

void put(Json& json, const char* key, uint64_t value) {
    json.Key(key);
    json.Uint64(value);
}

void put(Json& json, const char* key, const std::vector<double>& values) {
    json.Key(key);
    json.StartArray();
    for (const double value : values) json.Double(std::isfinite(value) ? value : 0);
    json.EndArray();
}

void put(Json& json, const char* key, const std::optional<uint64_t>& value) {
    if (value) put(json, key, *value);
}

template <class Item, class Put>
void put_all(Json& json, const char* key, const std::vector<Item>& items, Put&& put_one) {
    json.Key(key);
    json.StartArray();
    for (const Item& item : items) {
        json.StartObject();
        put_one(item);
        json.EndObject();
    }
    json.EndArray();
}

void put_latency(Json& json, const char* key, const Histogram& latency) {
    if (latency.count() == 0) return;
    struct Point {
        const char* name;
        double percent;
    };
    static constexpr std::array<Point, 6> kPoints = {{{"p50_us", 50},
                                                      {"p90_us", 90},
                                                      {"p99_us", 99},
                                                      {"p99.9_us", 99.9},
                                                      {"p99.99_us", 99.99},
                                                      {"max_us", 100}}};
    json.Key(key);
    json.StartObject();
    put(json, "count", latency.count());
    for (const Point& point : kPoints) {
        put(json, point.name, static_cast<double>(latency.percentile(point.percent)) / 1e3);
    }
    json.EndObject();
}

void put_series(Json& json, const Series& series) {
    put(json, "server", series.server);
    if (!series.failure.empty()) put(json, "failure", series.failure);
    put(json, "ops_per_s", series.ops());
    if (series.cpu() > 0) put(json, "server_cpu_us", series.cpu());
    put(json, "client_cpu_us", median(series.client_us));
    put(json, "rounds_ops_per_s", series.ops_per_s);
    put(json, "rounds_reads_per_s", series.reads_per_s);
    if (series.cpu() > 0) put(json, "rounds_server_cpu_us", series.server_us);
    put_latency(json, "latency", series.latency);
    put_latency(json, "reads", series.reads);
    put_latency(json, "writes", series.writes);
    put(json, "acknowledged_writes", series.log.writes);
    put(json, "disk_written_bytes", series.log.written_bytes);
    put(json, "log_groups", series.log.groups);
    put(json, "log_group_bytes", series.log.group_bytes);
    put(json, "log_syncs", series.log.syncs);
}

void put_figure(Json& json, const Figure& figure) {
    put(json, "row", static_cast<uint64_t>(figure.row));
    put(json, "what", figure.what);
    put(json, "ours", figure.ours);
    put(json, "theirs", figure.theirs);
    put(json, "value", figure.value);
    put(json, "unit", figure.unit);
    if (!figure.target) return;
    put(json, "target", figure.target->value);
    put(json, "bound", figure.target->bound == Bound::kAtLeast ? "at least" : "at most");
    json.Key("reached");
    json.Bool(figure.reached());
}

void put_cell(Json& json, const Report& report, const CellRun& run) {
    const Cell& cell = run.cell;
    put(json, "disk", cell.disk);
    put(json, "policy", policy_text(cell.policy));
    put(json, "clients", static_cast<uint64_t>(cell.clients));
    put(json, "pipeline", static_cast<uint64_t>(cell.pipeline));
    put(json, "value_bytes", uint64_t{cell.value_bytes});
    put(json, "reads_percent", static_cast<uint64_t>(cell.reads_percent));
    put(json, "readers", cell.readers == Readers::kSame ? "same" : "separate");
    put(json, "rate", cell.rate);
    put(json, "share_of_limit", report.share_of_limit(run));
    put(json, "acknowledged_bytes", run.series.log.writes * payload_bytes(cell));
    put_series(json, run.series);
}

void put_disk(Json& json, const DiskFigure& figure) {
    put(json, "disk", figure.disk);
    put(json, "use", disk_use_text(figure.use));
    if (!figure.failure.empty()) put(json, "failure", figure.failure);
    put(json, "per_s", figure.per_s);
    put_latency(json, "latency", figure.latency);
}

void put_loss(Json& json, const LossRow& row) {
    put(json, "server", row.server);
    put(json, "policy", policy_text(row.policy));
    put(json, "by", cut_text(row.cut));
    if (!row.failure.empty()) put(json, "failure", row.failure);
    put(json, "cuts", static_cast<uint64_t>(row.cuts));
    put(json, "cuts_with_loss", static_cast<uint64_t>(row.cuts_with_loss));
    put(json, "not_recovered", static_cast<uint64_t>(row.not_recovered));
    put(json, "acknowledged", row.acknowledged);
    put(json, "lost", row.lost);
    put(json, "lost_max", row.lost_max);
    put(json, "lost_ms_max", row.lost_ms_max);
    put(json, "lost_ms_median", row.lost_ms_median);
    if (row.cuts_beyond_sync)
        put(json, "cuts_beyond_sync", static_cast<uint64_t>(*row.cuts_beyond_sync));
}

}  // namespace

std::string findings_json(const Report& report) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    json.Key("facts");
    json.StartObject();
    for (const auto& [name, value] : report.facts()) put(json, name.c_str(), value);
    json.EndObject();
    put_all(json, "disks", report.disks(), [&](const DiskFigure& one) { put_disk(json, one); });
    put_all(json, "cells", report.cells(),
            [&](const CellRun& one) { put_cell(json, report, one); });
    put_all(json, "losses", report.losses(), [&](const LossRow& one) { put_loss(json, one); });
    put_all(json, "figures", report.figures(), [&](const Figure& one) { put_figure(json, one); });
    put_all(json, "runs", report.runs(), [&](const Report::Run& one) {
        put(json, "row", static_cast<uint64_t>(one.row));
        put(json, "what", one.what);
        put_series(json, one.series);
    });
    json.Key("notes");
    json.StartArray();
    for (const std::string& note : report.notes()) json.String(note.c_str());
    json.EndArray();
    json.EndObject();
    return buffer.GetString();
}

}  // namespace tidemark::bench
