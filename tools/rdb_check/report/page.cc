// The report as one page. Whatever the dump holds, the page is bounded: lists are as long as --top
// says, prefixes at most kPrefixRowsPage, names cut.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/version.h"
#include "tools/common/text.h"
#include "tools/html/chart.h"
#include "tools/html/flame.h"
#include "tools/html/line_chart.h"
#include "tools/html/page.h"
#include "tools/html/table.h"
#include "tools/rdb_check/report/report.h"
#include "tools/rdb_check/report/words.h"

namespace tidemark::rdb_check {

namespace {

using html::Align;
using html::Bar;
using html::Cell;
using html::Page;
using tools::format_bytes;

constexpr size_t kDbBars = 16;

double number(uint64_t value) {
    return static_cast<double>(value);
}

Cell bytes_cell(uint64_t bytes) {
    return {format_bytes(bytes), number(bytes)};
}

Cell count_cell(uint64_t count) {
    return {grouped(count), number(count)};
}

// Types keep their colour in every chart.
unsigned colour_of_type(std::string_view type) {
    constexpr std::string_view kTypes[] = {"string", "hash", "list", "zset", "set", "stream"};
    const auto* found = std::find(std::begin(kTypes), std::end(kTypes), type);
    return found == std::end(kTypes) ? html::kColourOfRest
                                     : static_cast<unsigned>(found - std::begin(kTypes));
}

void add_figures(Page& page, const Statistics& statistics) {
    const Amounts& all = statistics.all();
    page.figure(grouped(all.keys), "keys");
    page.figure(format_bytes(all.file_bytes), "in the file");
    page.figure(format_bytes(all.redis_bytes), "Redis, est.");
    page.figure(format_bytes(all.tidemark_bytes), "Tidemark, est.");
    page.figure(grouped(statistics.expiring()), "keys expire");
    page.figure(grouped(statistics.expired_now().keys), "are over by now");
}

void add_types(Page& page, const Statistics& statistics) {
    const uint64_t whole = statistics.all().file_bytes;
    std::vector<Bar> shares;
    for (const TotalRow& row : statistics.totals().by_type()) {
        const std::string text = fmt::format("{}, {} keys", percent(row.amounts.file_bytes, whole),
                                             grouped(row.amounts.keys));
        shares.push_back(
            {row.type, number(row.amounts.file_bytes), text,
             fmt::format("{}: {}, {}", row.type, format_bytes(row.amounts.file_bytes), text),
             colour_of_type(row.type)});
    }
    page.section("Types");
    page.note("Shares of the bytes in the file.");
    page.add(html::stacked_bar(shares));
    html::Table table({{"type", Align::kLeft},
                       {"encoding", Align::kLeft, "Of a string: what a server makes of it."},
                       {"keys"},
                       {"elements"},
                       {"in file"},
                       {"share"},
                       {"Redis, est."},
                       {"Tidemark, est."},
                       {"expiring"}});
    for (const TotalRow& row : statistics.totals().by_encoding()) {
        table.add({{row.type},
                   {row.encoding},
                   count_cell(row.amounts.keys),
                   count_cell(row.amounts.elements),
                   bytes_cell(row.amounts.file_bytes),
                   {percent(row.amounts.file_bytes, whole), number(row.amounts.file_bytes)},
                   bytes_cell(row.amounts.redis_bytes),
                   bytes_cell(row.amounts.tidemark_bytes),
                   count_cell(row.expiring)});
    }
    page.add(table.html());
}

html::FlamePart flame_part(const PrefixTree::Row& row, uint64_t whole) {
    html::FlamePart part;
    part.label = row.level == 0 ? "all keys" : row.segment;
    part.value = number(row.amounts.file_bytes);
    part.tip = {
        row.level == 0 ? "all keys" : row.prefix,
        fmt::format("{} in the file, {}", format_bytes(row.amounts.file_bytes),
                    percent(row.amounts.file_bytes, whole)),
        fmt::format("{} keys, {} elements", grouped(row.amounts.keys),
                    grouped(row.amounts.elements)),
        fmt::format("about {} in Redis, {} in Tidemark", format_bytes(row.amounts.redis_bytes),
                    format_bytes(row.amounts.tidemark_bytes))};
    if (row.missed_bytes > 0)
        part.tip.push_back(fmt::format("or up to {} more", format_bytes(row.missed_bytes)));
    return part;
}

// Rows come in the order of a walk: what follows a row on a deeper level belongs to it.
html::FlamePart flame_of(const std::vector<PrefixTree::Row>& rows, size_t& at, uint64_t whole) {
    html::FlamePart part = flame_part(rows[at], whole);
    const size_t level = rows[at++].level;
    while (at < rows.size() && rows[at].level > level)
        part.parts.push_back(flame_of(rows, at, whole));
    return part;
}

void add_prefixes(Page& page, const Statistics& statistics) {
    const PrefixTree& tree = statistics.prefixes();
    if (tree.nodes() == 0) return;
    page.section("Prefixes");
    page.note(
        tree.is_exact()
            ? fmt::format("{} prefixes; as wide as their bytes in the file.", grouped(tree.nodes()))
            : fmt::format("The {} prefixes with the most bytes; small ones were let go, and "
                          "the others may have a little more than is shown.",
                          grouped(tree.nodes())));
    size_t at = 0;
    page.add(html::flame(flame_of(tree.rows(kPrefixRowsPage), at, statistics.all().file_bytes)));
}

std::string columns_of(const BinCounts& counts, unsigned colour) {
    std::vector<Bar> bars;
    for (size_t i = 0; i < counts.bins().size(); ++i) {
        const BinCounts::Count& count = counts.counts()[i];
        const std::string label(counts.bins()[i].label);
        std::string tip = fmt::format("{}: {} ({})", label, grouped(count.count),
                                      percent(count.count, counts.total()));
        if (count.bytes > 0) tip += ", " + format_bytes(count.bytes);
        bars.push_back({label, number(count.count),
                        count.count > 0 ? html::short_number(number(count.count)) : "", tip,
                        colour});
    }
    return html::columns(bars);
}

void add_histograms(Page& page, const Statistics& statistics) {
    const std::string origin =
        statistics.has_creation_time() ? "From the moment the dump was written" : "From now";
    page.half_section("Sizes of keys");
    page.note("Attributes, key and value as they lie in the file.");
    page.add(columns_of(statistics.sizes(), 0));
    page.half_section("Time left");
    page.note(fmt::format("{}; {} keys do not expire.", origin,
                          grouped(statistics.all().keys - statistics.expiring())));
    page.add(columns_of(statistics.ttl(), 1));
    if (statistics.field_ttl().total() > 0) {
        page.half_section("Time left of hash fields");
        page.note(fmt::format("{} fields of {} hashes.",
                              grouped(statistics.field_expiries().fields),
                              grouped(statistics.field_expiries().hashes)));
        page.add(columns_of(statistics.field_ttl(), 4));
    }
    if (statistics.idle().total() > 0) {
        page.half_section("Not used for");
        page.note("As a server with an LRU policy saw it.");
        page.add(columns_of(statistics.idle(), 2));
    }
    if (statistics.freq().total() > 0) {
        page.half_section("Use counter");
        page.note("The logarithmic counter of a server with an LFU policy; 5 is a new key.");
        page.add(columns_of(statistics.freq(), 2));
    }
}

std::vector<TopKey> all_top_keys(const Statistics& statistics) {
    std::vector<TopKey> keys = statistics.top_by_size().sorted();
    std::set<uint64_t> seen;
    for (const TopKey& key : keys) seen.insert(key.order);
    for (const TopKeys* top :
         {&statistics.top_by_elements(), &statistics.top_by_largest_element()}) {
        for (TopKey& key : top->sorted()) {
            if (seen.insert(key.order).second) keys.push_back(std::move(key));
        }
    }
    std::stable_sort(keys.begin(), keys.end(), [](const TopKey& one, const TopKey& other) {
        return one.amounts.file_bytes > other.amounts.file_bytes;
    });
    return keys;
}

void add_top(Page& page, const Statistics& statistics) {
    page.section("Largest keys");
    page.note("By bytes in the file, by elements, or by their largest element: click a heading.");
    html::Table table({{"key", Align::kLeft},
                       {"db"},
                       {"type", Align::kLeft},
                       {"in file"},
                       {"elements"},
                       {"largest", Align::kRight, "Bytes of the largest element."},
                       {"Redis, est."},
                       {"Tidemark, est."},
                       {"expires", Align::kLeft}});
    for (const TopKey& key : all_top_keys(statistics)) {
        const double expires =
            key.expire_at_ms ? static_cast<double>(*key.expire_at_ms) : 9e18;  // never: last
        table.add({{key.name, {}, "wide mono"},
                   {db_text(key.db), number(key.db)},
                   {key.type},
                   bytes_cell(key.amounts.file_bytes),
                   count_cell(key.amounts.elements),
                   bytes_cell(key.largest_element),
                   bytes_cell(key.amounts.redis_bytes),
                   bytes_cell(key.amounts.tidemark_bytes),
                   {key.expire_at_ms ? utc(*key.expire_at_ms / 1000) : "", expires}});
    }
    page.add(table.html());
}

void add_dbs(Page& page, const Statistics& statistics) {
    std::vector<TotalRow> dbs = statistics.totals().by_db();
    if (dbs.size() < 2) return;
    page.half_section("Databases");
    page.note(dbs.size() > kDbBars
                  ? fmt::format("The {} largest of {}.", kDbBars, grouped(dbs.size()))
                  : "By bytes in the file.");
    if (dbs.size() > kDbBars) dbs.resize(kDbBars);
    std::vector<Bar> bars;
    for (const TotalRow& db : dbs) {
        bars.push_back({"db " + db_text(db.db), number(db.amounts.file_bytes),
                        fmt::format("{}, {} keys", format_bytes(db.amounts.file_bytes),
                                    grouped(db.amounts.keys)),
                        "", 5});
    }
    page.add(html::bars(bars));
}

void add_slots(Page& page, const Report& report) {
    const SlotLoads& slots = report.statistics.slots();
    const auto fullest = slots.fullest(1);
    if (fullest.empty()) return;
    page.half_section("Cluster slots");
    page.note(
        fmt::format("Where the keys {} in a cluster: {} of {} slots; the fullest is {} with {}.",
                    report.file.slot_infos > 0 ? "are" : "would be", grouped(slots.used()),
                    grouped(kSlots), fullest[0].slot, format_bytes(fullest[0].bytes)));
    std::vector<Bar> bars;
    for (const SlotLoad& load : slots.grouped(kSlotGroups)) {
        bars.push_back({fmt::to_string(load.slot), number(load.bytes), "",
                        fmt::format("slots {} to {}: {} keys, {}", load.slot,
                                    load.slot + kSlots / kSlotGroups - 1, grouped(load.keys),
                                    format_bytes(load.bytes)),
                        5});
    }
    page.add(html::columns(bars));
}

}  // namespace

std::string page_of(const Report& report) {
    const Statistics& statistics = report.statistics;
    const std::string_view name = report.name;
    Page page(name.substr(name.rfind('/') + 1), description_of(report.file));
    add_figures(page, statistics);
    if (!report.incomplete.empty()) {
        page.section("Incomplete");
        page.note(report.incomplete);
        page.note("This page shows what came before it.");
    }
    if (!report.filter.empty()) {
        page.section("Filtered");
        page.note("Only keys with " + report.filter);
    }
    add_types(page, statistics);
    add_prefixes(page, statistics);
    add_histograms(page, statistics);
    add_dbs(page, statistics);
    add_slots(page, report);
    add_top(page, statistics);
    return page.finish(fmt::format(
        "Made by rdb-check {} at {}. Memory is estimated from the elements of each value and the "
        "servers' default thresholds.",
        kVersion, utc(statistics.options().now_ms / 1000)));
}

}  // namespace tidemark::rdb_check
