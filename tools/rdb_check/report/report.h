// A report, ready to be written in one of four forms.
#pragma once

#include <string>

#include "tools/common/output.h"
#include "tools/rdb_check/report/file_facts.h"
#include "tools/rdb_check/report/statistics.h"

namespace tidemark::rdb_check {

struct Report {
    std::string name;        // of the file
    std::string incomplete;  // why not all of it is in here; empty: it is
    std::string filter;      // what was asked for; empty: every key
    const FileFacts& file;
    const Statistics& statistics;
};

// Prefixes that are written out, those with the most bytes.
inline constexpr size_t kPrefixRowsJson = 1000;
inline constexpr size_t kPrefixRowsText = 20;
inline constexpr size_t kPrefixRowsPage = 2500;

// Lines for a person; short.
void write_text(const Report& report, tools::Output& to);
// Members of the output's document: dump, summary, types, histograms, top, prefixes, slots.
void write_json(const Report& report, tools::Output& to);
// The tables below each other under one head; `table` says which one a row belongs to.
std::string csv_of(const Report& report);
// One page (tools/html).
std::string page_of(const Report& report);

// How the dump is described in one line: "REDIS0010, written by 7.0.15 on 2026-...".
std::string description_of(const FileFacts& file);
// "1234567", or "other" for the rest of many.
std::string db_text(uint64_t db);

}  // namespace tidemark::rdb_check
