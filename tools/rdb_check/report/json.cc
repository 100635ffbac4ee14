// The report for programs: everything, as members of one document.
#include <fmt/format.h>

#include "tools/common/json.h"
#include "tools/rdb_check/report/report.h"

namespace tidemark::rdb_check {

namespace {

using tools::json_bytes;
using tools::json_key;
using tools::json_string;
using tools::JsonFile;

// Of each list of slots.
constexpr size_t kFullestSlots = 16;

void put(JsonFile& json, std::string_view name, uint64_t value) {
    json_key(json, name);
    json.Uint64(value);
}

void put(JsonFile& json, std::string_view name, std::string_view text) {
    json_key(json, name);
    json_string(json, text);
}

void put_time(JsonFile& json, std::string_view name, int64_t value) {
    json_key(json, name);
    json.Int64(value);
}

void put_bool(JsonFile& json, std::string_view name, bool value) {
    json_key(json, name);
    json.Bool(value);
}

void put(JsonFile& json, const Amounts& amounts) {
    put(json, "keys", amounts.keys);
    put(json, "elements", amounts.elements);
    put(json, "file_bytes", amounts.file_bytes);
    put(json, "redis_bytes_estimated", amounts.redis_bytes);
    put(json, "tidemark_bytes_estimated", amounts.tidemark_bytes);
}

void put_dump(JsonFile& json, const FileFacts& file) {
    json.StartObject();
    put(json, "format", file.format);
    put(json, "bytes", file.file_bytes);
    if (!file.writer.empty()) json_bytes(json, "writer", file.writer);
    if (file.created_at_s) put_time(json, "created_at_s", *file.created_at_s);
    if (file.used_memory) put(json, "used_memory", *file.used_memory);
    put(json, "functions", file.functions);
    put(json, "function_bytes", file.function_bytes);
    put(json, "module_aux", file.module_aux);
    put(json, "module_aux_bytes", file.module_aux_bytes);
    json.EndObject();
}

void put_summary(JsonFile& json, const Report& report) {
    const Statistics& statistics = report.statistics;
    json.StartObject();
    put_bool(json, "complete", report.incomplete.empty());
    put(json, statistics.all());
    put(json, "expiring", statistics.expiring());
    put_time(json, "now_ms", statistics.options().now_ms);
    json_key(json, "expired_now");
    json.StartObject();
    put(json, statistics.expired_now());
    json.EndObject();
    json_key(json, "field_expiries");
    json.StartObject();
    put(json, "hashes", statistics.field_expiries().hashes);
    put(json, "fields", statistics.field_expiries().fields);
    put(json, "expired_now", statistics.field_expiries().expired_now);
    json.EndObject();
    json.EndObject();
}

void put_types(JsonFile& json, const Totals& totals) {
    json.StartArray();
    for (const TotalRow& row : totals.rows()) {
        json.StartObject();
        if (row.db == kOtherDbs) {
            put(json, "db", "other");
        } else {
            put(json, "db", row.db);
        }
        put(json, "type", row.type);
        json_bytes(json, "encoding", row.encoding);
        put(json, row.amounts);
        put(json, "expiring", row.expiring);
        json.EndObject();
    }
    json.EndArray();
}

void put_bins(JsonFile& json, std::string_view name, const BinCounts& counts) {
    json_key(json, name);
    json.StartArray();
    for (size_t i = 0; i < counts.bins().size(); ++i) {
        json.StartObject();
        put(json, "label", counts.bins()[i].label);
        if (counts.bins()[i].low != INT64_MIN) put_time(json, "from", counts.bins()[i].low);
        put(json, "count", counts.counts()[i].count);
        put(json, "file_bytes", counts.counts()[i].bytes);
        json.EndObject();
    }
    json.EndArray();
}

void put_histograms(JsonFile& json, const Statistics& statistics) {
    json.StartObject();
    put_time(json, "ttl_from_ms", statistics.ttl_origin_ms());
    put_bins(json, "size_bytes", statistics.sizes());
    put_bins(json, "ttl_ms", statistics.ttl());
    put_bins(json, "field_ttl_ms", statistics.field_ttl());
    put_bins(json, "idle_s", statistics.idle());
    put_bins(json, "freq", statistics.freq());
    json.EndObject();
}

void put_top(JsonFile& json, std::string_view name, const TopKeys& top) {
    json_key(json, name);
    json.StartArray();
    for (const TopKey& key : top.sorted()) {
        json.StartObject();
        put(json, "db", key.db);
        json_bytes(json, "key", key.name);
        if (key.name_bytes > key.name.size()) put(json, "key_bytes", key.name_bytes);
        put(json, "type", key.type);
        json_bytes(json, "encoding", key.encoding);
        put(json, key.amounts);
        put(json, "largest_element", key.largest_element);
        if (key.expire_at_ms) put_time(json, "expire_at_ms", *key.expire_at_ms);
        json.EndObject();
    }
    json.EndArray();
}

void put_prefixes(JsonFile& json, const PrefixTree& tree) {
    json.StartObject();
    json_bytes(json, "separator", tree.options().separator);
    put(json, "kept", tree.nodes());
    put_bool(json, "exact", tree.is_exact());
    json_key(json, "largest");
    json.StartArray();
    for (const PrefixTree::Row& row : tree.rows(kPrefixRowsJson)) {
        if (row.level == 0) continue;
        json.StartObject();
        json_bytes(json, "prefix", row.prefix);
        put(json, "level", row.level);
        put(json, row.amounts);
        put(json, "missed_file_bytes_max", row.missed_bytes);
        json.EndObject();
    }
    json.EndArray();
    json.EndObject();
}

void put_loads(JsonFile& json, std::string_view name, const std::vector<SlotLoad>& loads) {
    json_key(json, name);
    json.StartArray();
    for (const SlotLoad& load : loads) {
        json.StartObject();
        put(json, "slot", load.slot);
        put(json, "keys", load.keys);
        put(json, "file_bytes", load.bytes);
        json.EndObject();
    }
    json.EndArray();
}

void put_slots(JsonFile& json, const SlotLoads& slots) {
    json.StartObject();
    put(json, "used", slots.used());
    put(json, "group_width", kSlots / kSlotGroups);
    put_loads(json, "groups", slots.grouped(kSlotGroups));
    put_loads(json, "fullest", slots.fullest(kFullestSlots));
    json.EndObject();
}

}  // namespace

void write_json(const Report& report, tools::Output& to) {
    const Statistics& statistics = report.statistics;
    to.json("dump", [&](JsonFile& json) { put_dump(json, report.file); });
    to.json("summary", [&](JsonFile& json) { put_summary(json, report); });
    to.json("types", [&](JsonFile& json) { put_types(json, statistics.totals()); });
    to.json("histograms", [&](JsonFile& json) { put_histograms(json, statistics); });
    to.json("top", [&](JsonFile& json) {
        json.StartObject();
        put_top(json, "size", statistics.top_by_size());
        put_top(json, "elements", statistics.top_by_elements());
        put_top(json, "largest_element", statistics.top_by_largest_element());
        json.EndObject();
    });
    to.json("prefixes", [&](JsonFile& json) { put_prefixes(json, statistics.prefixes()); });
    to.json("slots", [&](JsonFile& json) { put_slots(json, statistics.slots()); });
}

}  // namespace tidemark::rdb_check
