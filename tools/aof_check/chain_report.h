// A checked log in text and JSON: its files, in order, and what was found in each.
#pragma once

#include <string>

#include "tools/aof_check/chain.h"
#include "tools/aof_check/chain_check.h"
#include "tools/common/session.h"

namespace tidemark::aof_check {

// Findings first, then a line a file.
void report_chain(const Chain& chain, const ChainCheck& check, tools::Output& output);

// "3 files, 1,234 records, 12 keys in the base"
std::string summary_of(const Chain& chain, const ChainCheck& check);
// The finding that matters most, in words, with its place.
std::string first_trouble(const ChainCheck& check);
// What salvage keeps of a log with such a base.
std::string_view what_is_left_of_base(const FileCheck& base);
// "2026-11-27 12:00:01" in UTC.
std::string format_time(int64_t unix_seconds);

}  // namespace tidemark::aof_check
