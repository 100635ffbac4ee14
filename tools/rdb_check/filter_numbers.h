// The names of what a filter tests, and their numbers with units, lists and ranges.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/rdb_check/filter.h"

namespace tidemark::rdb_check {

enum class FieldForm : uint8_t { kNumber, kType, kKey };

struct FieldRow {
    std::string_view name;
    Field field;
    FieldForm form;
    int64_t high;  // of a number
};

// nullptr: nothing is called so.
const FieldRow* find_field(std::string_view name);
const FieldRow& row_of(Field field);
std::string field_names();  // "db, type, ..."
// How TYPE spells it; nothing else is a type.
bool is_type_name(std::string_view word);
std::string type_names();

// "10", "10k", "90s" in the unit of Interval. kInvalid with the offset in `text`, like all here.
Result<int64_t> parse_quantity(const FieldRow& row, std::string_view text);
// "5", "5..9", "5..", "..9".
Result<Interval> parse_interval(const FieldRow& row, std::string_view text);

// Its items with their offsets; empty items too.
struct Item {
    std::string_view text;
    size_t offset;
};
std::vector<Item> split_list(std::string_view text);

}  // namespace tidemark::rdb_check
