// The options with which every mode chooses keys, and the filter that they make.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/common/options.h"
#include "tools/rdb_check/filter.h"

namespace tidemark::rdb_check {

// As given; empty: not given. A key passes when it passes each of them.
struct FilterOptions {
    std::vector<std::string> where;  // expressions
    std::string db;
    std::string type;
    std::vector<std::string> keys;     // globs, and
    std::vector<std::string> regexes;  // regular expressions, of which any is enough
    std::string size;
    std::string elements;
    std::string ttl;
    std::string idle;
    std::string freq;
    std::string slot;
    std::optional<int64_t> now_s;  // unix time for ttl, instead of the clock's
};

// Under a heading of their own in --help.
void add_filter_options(tools::Options& app, FilterOptions& options);

// kInvalid: which option, which column, what is wrong. `now_ms` is the clock's.
Result<Filter> make_filter(const FilterOptions& options, int64_t now_ms);

// How expressions look, for --help.
extern const char* const kFilterHelp;

}  // namespace tidemark::rdb_check
