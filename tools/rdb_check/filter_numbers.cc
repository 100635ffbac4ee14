#include "tools/rdb_check/filter_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.h"
#include "base/assert.h"
#include "base/number.h"
#include "tools/rdb_check/key_slot.h"

namespace tidemark::rdb_check {

namespace {

constexpr auto kFields = std::to_array<FieldRow>({
    {"db", Field::kDb, FieldForm::kNumber, INT64_MAX},
    {"type", Field::kType, FieldForm::kType, 0},
    {"key", Field::kKey, FieldForm::kKey, 0},
    {"size", Field::kSize, FieldForm::kNumber, INT64_MAX},
    {"elements", Field::kElements, FieldForm::kNumber, INT64_MAX},
    {"ttl", Field::kTtl, FieldForm::kNumber, INT64_MAX},
    {"idle", Field::kIdle, FieldForm::kNumber, INT64_MAX},
    {"freq", Field::kFreq, FieldForm::kNumber, 255},
    {"slot", Field::kSlot, FieldForm::kNumber, kSlots - 1},
});

constexpr auto kTypeNames = std::to_array<std::string_view>(
    {"string", "list", "set", "zset", "hash", "stream", "module", "array", "gcra"});

struct Unit {
    std::string_view suffix;
    int64_t factor;
};

constexpr int64_t kKib = 1024;
constexpr int64_t kMinute = 60;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

constexpr auto kPlain = std::to_array<Unit>({{"", 1}});
constexpr auto kBytes = std::to_array<Unit>({{"", 1},
                                             {"b", 1},
                                             {"k", kKib},
                                             {"kb", kKib},
                                             {"kib", kKib},
                                             {"m", kKib* kKib},
                                             {"mb", kKib* kKib},
                                             {"mib", kKib* kKib},
                                             {"g", kKib* kKib* kKib},
                                             {"gb", kKib* kKib* kKib},
                                             {"gib", kKib* kKib* kKib}});
constexpr auto kSeconds =
    std::to_array<Unit>({{"", 1}, {"s", 1}, {"m", kMinute}, {"h", kHour}, {"d", kDay}});
constexpr auto kMilliseconds = std::to_array<Unit>({{"", 1000},
                                                    {"ms", 1},
                                                    {"s", 1000},
                                                    {"m", 1000 * kMinute},
                                                    {"h", 1000 * kHour},
                                                    {"d", 1000 * kDay}});

std::span<const Unit> units_of(Field field) {
    switch (field) {
        case Field::kSize:
            return kBytes;
        case Field::kTtl:
            return kMilliseconds;
        case Field::kIdle:
            return kSeconds;
        default:
            return kPlain;
    }
}

// "a, b, c" of the rows' names. (fmt::join of string_view does not pass GCC 12's
// -Wstringop-overflow.)
template <class Rows, class NameOf>
std::string listed(const Rows& rows, NameOf&& name_of) {
    std::string text;
    for (const auto& row : rows) {
        if (name_of(row).empty()) continue;
        if (!text.empty()) text += ", ";
        text += name_of(row);
    }
    return text;
}

std::string known_units(Field field) {
    const std::string known = listed(units_of(field), [](const Unit& unit) { return unit.suffix; });
    return known.empty() ? "without a unit" : "or with " + known;
}

}  // namespace

const FieldRow* find_field(std::string_view name) {
    const auto* row = std::find_if(kFields.begin(), kFields.end(),
                                   [&](const FieldRow& one) { return one.name == name; });
    return row == kFields.end() ? nullptr : row;
}

const FieldRow& row_of(Field field) {
    const FieldRow& row = kFields[static_cast<size_t>(field)];
    TM_ASSERT(row.field == field);
    return row;
}

std::string field_names() {
    return listed(kFields, [](const FieldRow& row) { return row.name; });
}

bool is_type_name(std::string_view word) {
    return std::find(kTypeNames.begin(), kTypeNames.end(), word) != kTypeNames.end();
}

std::string type_names() {
    return listed(kTypeNames, [](std::string_view name) { return name; });
}

Result<int64_t> parse_quantity(const FieldRow& row, std::string_view text) {
    const bool negative = row.field == Field::kTtl && text.starts_with('-');
    const std::string_view magnitude = text.substr(negative ? 1 : 0);
    const size_t digits = std::min(magnitude.find_first_not_of("0123456789"), magnitude.size());
    const std::optional<int64_t> number = parse_int64(magnitude.substr(0, digits));
    const std::string suffix = ascii_lower(magnitude.substr(digits));
    const auto units = units_of(row.field);
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& one) { return one.suffix == suffix; });
    if (!number || unit == units.end()) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("'{}' is not a number for {} (digits, {})", text, row.name,
                                known_units(row.field)),
                    0);
    }
    int64_t value = 0;
    if (__builtin_mul_overflow(*number, unit->factor, &value) || value > row.high) {
        return fail(ErrorCode::kInvalid, fmt::format("'{}' is too large for {}", text, row.name),
                    0);
    }
    return negative ? -value : value;
}

Result<Interval> parse_interval(const FieldRow& row, std::string_view text) {
    const size_t dots = text.find("..");
    if (dots == std::string_view::npos) {
        const int64_t value = TM_TRY(parse_quantity(row, text));
        return Interval{value, value};
    }
    Interval interval;
    const std::string_view low = text.substr(0, dots);
    const std::string_view high = text.substr(dots + 2);
    if (low.empty() && high.empty())
        return fail(ErrorCode::kInvalid, "a range needs at least one end", 0);
    if (!low.empty()) interval.low = TM_TRY(parse_quantity(row, low));
    if (!high.empty()) interval.high = TM_TRY(parse_quantity(row, high));
    if (interval.low > interval.high) {
        return fail(ErrorCode::kInvalid, fmt::format("the range '{}' ends before it begins", text),
                    0);
    }
    return interval;
}

std::vector<Item> split_list(std::string_view text) {
    std::vector<Item> items;
    for (size_t begin = 0;;) {
        const size_t end = std::min(text.find(',', begin), text.size());
        items.push_back({text.substr(begin, end - begin), begin});
        if (end == text.size()) return items;
        begin = end + 1;
    }
}

}  // namespace tidemark::rdb_check
