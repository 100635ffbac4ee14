#include "tools/rdb_check/report/csv.h"

#include <fmt/format.h>

#include <iterator>

#include "tools/common/text.h"
#include "tools/rdb_check/report/report.h"

namespace tidemark::rdb_check {

namespace {

std::string quoted(std::string_view text) {
    std::string field = "\"";
    for (const char c : text) {
        if (c == '"') field += '"';
        field += c;
    }
    return field + '"';
}

// One table after the other; `name` is what the row is about.
class Tables {
public:
    Tables() {
        text_ =
            "table,db,type,encoding,name,keys,elements,file_bytes,redis_bytes_estimated,"
            "tidemark_bytes_estimated\n";
    }

    void row(std::string_view table, std::string_view db, std::string_view type,
             std::string_view encoding, std::string_view name, const Amounts& amounts) {
        text_ += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", table, db, type, encoding, name,
                             amounts.keys, amounts.elements, amounts.file_bytes,
                             amounts.redis_bytes, amounts.tidemark_bytes);
    }
    // Only keys and bytes are known.
    void row(std::string_view table, std::string_view name, uint64_t keys, uint64_t bytes) {
        text_ += fmt::format("{},,,,{},{},,{},,\n", table, name, keys, bytes);
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

void put_bins(Tables& tables, std::string_view table, const BinCounts& counts) {
    for (size_t i = 0; i < counts.bins().size(); ++i) {
        tables.row(table, quoted(counts.bins()[i].label), counts.counts()[i].count,
                   counts.counts()[i].bytes);
    }
}

void put_top(Tables& tables, std::string_view table, const TopKeys& top) {
    for (const TopKey& key : top.sorted()) {
        tables.row(table, db_text(key.db), key.type, csv_name(key.encoding), csv_name(key.name),
                   key.amounts);
    }
}

template <class T>
std::string optional_text(const std::optional<T>& value) {
    return value ? fmt::to_string(*value) : "";
}

}  // namespace

std::string csv_name(std::string_view name) {
    const bool is_formula =
        !name.empty() && std::string_view("=+-@").find(name[0]) != std::string_view::npos;
    // A quote is doubled, not escaped: the field's own rules say so.
    std::string text;
    std::string_view rest = name;
    while (!rest.empty()) {
        const size_t quote = std::min(rest.find('"'), rest.size());
        text += tools::escape(rest.substr(0, quote));
        rest.remove_prefix(quote);
        if (rest.empty()) break;
        text += "\"\"";
        rest.remove_prefix(1);
    }
    return fmt::format("\"{}{}\"", is_formula ? "'" : "", text);
}

Status KeyRows::write_head() {
    return to_.write(
        "db,key,type,encoding,elements,largest_element,file_bytes,redis_bytes_estimated,"
        "tidemark_bytes_estimated,expire_at_ms,idle_s,freq,fields_with_expiry,slot\n");
}

Status KeyRows::write(const KeyFigures& key) {
    row_.clear();
    fmt::format_to(std::back_inserter(row_), "{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", key.db,
                   csv_name(key.name), key.type, csv_name(key.encoding), key.amounts.elements,
                   key.largest_element, key.amounts.file_bytes, key.amounts.redis_bytes,
                   key.amounts.tidemark_bytes, optional_text(key.expire_at_ms),
                   optional_text(key.idle_seconds), optional_text(key.frequency),
                   key.fields_with_expiry, key.slot);
    return to_.write(row_);
}

std::string csv_of(const Report& report) {
    const Statistics& statistics = report.statistics;
    Tables tables;
    tables.row("all", "", "", "", "", statistics.all());
    tables.row("expired-now", "", "", "", "", statistics.expired_now());
    for (const TotalRow& row : statistics.totals().rows()) {
        tables.row("types", db_text(row.db), row.type, csv_name(row.encoding), "", row.amounts);
    }
    put_bins(tables, "size", statistics.sizes());
    put_bins(tables, "ttl", statistics.ttl());
    put_bins(tables, "field-ttl", statistics.field_ttl());
    put_bins(tables, "idle", statistics.idle());
    put_bins(tables, "freq", statistics.freq());
    put_top(tables, "top-size", statistics.top_by_size());
    put_top(tables, "top-elements", statistics.top_by_elements());
    put_top(tables, "top-largest-element", statistics.top_by_largest_element());
    for (const PrefixTree::Row& row : statistics.prefixes().rows(kPrefixRowsJson)) {
        if (row.level > 0) tables.row("prefixes", "", "", "", csv_name(row.prefix), row.amounts);
    }
    return tables.take();
}

}  // namespace tidemark::rdb_check
