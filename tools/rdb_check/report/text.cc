// The report for a person at a terminal: what there is, what is large, what goes away.
#include <fmt/format.h>

#include <algorithm>

#include "tools/common/text.h"
#include "tools/rdb_check/report/report.h"
#include "tools/rdb_check/report/words.h"

namespace tidemark::rdb_check {

namespace {

using tools::format_bytes;
using tools::Output;

constexpr size_t kTopText = 10;
constexpr size_t kLevelsText = 3;
constexpr size_t kNameText = 60;
// Prefixes below the first level are worth a line from a fiftieth of all bytes on.
constexpr uint64_t kPrefixShareText = 50;

void put(Output& to, const TextTable& table) {
    if (table.empty()) return;
    to.line("");
    for (const std::string& line : table.lines()) to.line(line);
}

std::vector<std::string> amounts_cells(const Amounts& amounts, uint64_t whole_bytes) {
    return {grouped(amounts.keys),
            grouped(amounts.elements),
            format_bytes(amounts.file_bytes),
            percent(amounts.file_bytes, whole_bytes),
            format_bytes(amounts.redis_bytes),
            format_bytes(amounts.tidemark_bytes)};
}

const std::vector<std::string> kAmountsHead = {"keys",  "elements",   "in file",
                                               "share", "Redis, est", "Tidemark, est"};

std::vector<std::string> with_front(std::string front, std::vector<std::string> cells) {
    cells.insert(cells.begin(), std::move(front));
    return cells;
}

void put_summary(const Report& report, Output& to) {
    const Statistics& statistics = report.statistics;
    const Amounts& all = statistics.all();
    to.line(description_of(report.file));
    if (!report.filter.empty()) to.line(fmt::format("only keys with {}", report.filter));
    to.line(
        fmt::format("{} keys of {} elements, {} in the file; in memory about {} in Redis, {} in "
                    "Tidemark",
                    grouped(all.keys), grouped(all.elements), format_bytes(all.file_bytes),
                    format_bytes(all.redis_bytes), format_bytes(all.tidemark_bytes)));
    to.line(fmt::format("{} keys expire, {} of them are over now ({})",
                        grouped(statistics.expiring()), grouped(statistics.expired_now().keys),
                        format_bytes(statistics.expired_now().file_bytes)));
    const FieldExpiries& fields = statistics.field_expiries();
    if (fields.fields > 0) {
        to.line(fmt::format("{} fields of {} hashes expire, {} of them are over now",
                            grouped(fields.fields), grouped(fields.hashes),
                            grouped(fields.expired_now)));
    }
    if (report.file.functions > 0) {
        to.line(fmt::format("{} of functions, {}",
                            tools::format_count(report.file.functions, "library"),
                            format_bytes(report.file.function_bytes)));
    }
}

void put_types(const Report& report, Output& to) {
    const Totals& totals = report.statistics.totals();
    const uint64_t whole = report.statistics.all().file_bytes;
    TextTable table(1, with_front("type", kAmountsHead));
    const std::vector<TotalRow> encodings = totals.by_encoding();
    for (const TotalRow& type : totals.by_type()) {
        table.add(with_front(type.type, amounts_cells(type.amounts, whole)));
        for (const TotalRow& one : encodings) {
            if (one.type != type.type) continue;
            table.add(
                with_front("  " + tools::escape(one.encoding), amounts_cells(one.amounts, whole)));
        }
    }
    put(to, table);
}

void put_dbs(const Report& report, Output& to) {
    std::vector<TotalRow> dbs = report.statistics.totals().by_db();
    if (dbs.size() < 2) return;
    if (dbs.size() > kTopText) dbs.resize(kTopText);
    TextTable table(1, with_front("db", kAmountsHead));
    for (const TotalRow& db : dbs) {
        table.add(with_front(db_text(db.db),
                             amounts_cells(db.amounts, report.statistics.all().file_bytes)));
    }
    put(to, table);
}

void put_bins(const std::string& title, const BinCounts& counts, Output& to) {
    if (counts.total() == 0) return;
    TextTable table(1, {title, "keys", ""});
    for (size_t i = 0; i < counts.bins().size(); ++i) {
        const uint64_t count = counts.counts()[i].count;
        if (count == 0) continue;
        table.add(
            {std::string(counts.bins()[i].label), grouped(count), percent(count, counts.total())});
    }
    put(to, table);
}

void put_top(const std::string& title, const TopKeys& top, Output& to) {
    TextTable table(3, {title, "db", "type", "in file", "elements", "largest element"});
    std::vector<TopKey> keys = top.sorted();
    if (keys.size() > kTopText) keys.resize(kTopText);
    for (const TopKey& key : keys) {
        table.add({fmt::format("\"{}\"", tools::escape_short(key.name, kNameText)), db_text(key.db),
                   key.type, format_bytes(key.amounts.file_bytes), grouped(key.amounts.elements),
                   format_bytes(key.largest_element)});
    }
    put(to, table);
}

void put_prefixes(const Report& report, Output& to) {
    const PrefixTree& tree = report.statistics.prefixes();
    TextTable table(1, with_front("prefix", kAmountsHead));
    const uint64_t whole = report.statistics.all().file_bytes;
    size_t rows = 0;
    for (const PrefixTree::Row& row : tree.rows(kPrefixRowsText)) {
        if (row.level == 0 || row.level > kLevelsText) continue;
        if (row.level > 1 && row.amounts.file_bytes < whole / kPrefixShareText) continue;
        const std::string name = fmt::format("{}{}", std::string(2 * (row.level - 1), ' '),
                                             tools::escape_short(row.segment, kNameText));
        table.add(with_front(name, amounts_cells(row.amounts, whole)));
        ++rows;
    }
    put(to, table);
    if (rows < tree.nodes()) {
        to.line(fmt::format("the largest of {} prefixes{}", grouped(tree.nodes()),
                            tree.is_exact() ? "" : " that are kept; small ones are not"));
    }
}

void put_slots(const Report& report, Output& to) {
    if (report.file.slot_infos == 0) return;
    const auto fullest = report.statistics.slots().fullest(1);
    if (fullest.empty()) return;
    to.line("");
    to.line(fmt::format("{} of {} slots have keys; the fullest is {} with {} keys, {}",
                        grouped(report.statistics.slots().used()), grouped(kSlots), fullest[0].slot,
                        grouped(fullest[0].keys), format_bytes(fullest[0].bytes)));
}

}  // namespace

std::string description_of(const FileFacts& file) {
    std::string text = file.format.empty() ? "a dump" : file.format;
    if (!file.writer.empty()) text += ", written by " + tools::escape(file.writer);
    if (file.created_at_s) text += ", " + utc(*file.created_at_s);
    return text + ", " + format_bytes(file.file_bytes);
}

std::string db_text(uint64_t db) {
    return db == kOtherDbs ? "other" : fmt::to_string(db);
}

void write_text(const Report& report, Output& to) {
    const Statistics& statistics = report.statistics;
    if (!report.incomplete.empty()) {
        to.line("INCOMPLETE: " + report.incomplete);
        to.line("what follows is what came before it");
    }
    put_summary(report, to);
    put_types(report, to);
    put_dbs(report, to);
    put_prefixes(report, to);
    put_top("largest keys", statistics.top_by_size(), to);
    put_top("most elements", statistics.top_by_elements(), to);
    put_bins(statistics.has_creation_time() ? "time left when it was written" : "time left",
             statistics.ttl(), to);
    put_bins("idle for", statistics.idle(), to);
    put_bins("use counter (LFU)", statistics.freq(), to);
    put_slots(report, to);
    to.line("");
}

}  // namespace tidemark::rdb_check
