#include "tools/rdb_check/split_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/rdb_check/filter_numbers.h"
#include "tools/rdb_check/key_slot.h"

namespace tidemark::rdb_check {

namespace {

// A file name can have 255 bytes; a byte takes up to three.
constexpr size_t kPrefixBytesMax = 64;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

// Keys are hostile: no slash, no NUL, nothing that a shell would act upon. Different prefixes have
// different names.
std::string file_text(std::string_view prefix) {
    std::string text;
    for (const char c : prefix) {
        if (is_plain(c)) {
            text += c;
        } else {
            text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        }
    }
    return text;
}

std::string name_of(const Interval& range) {
    return fmt::format("slots-{}-{}", range.low, range.high);
}

}  // namespace

Result<SplitRule> SplitRule::by_slots(std::string_view ranges) {
    SplitRule rule;
    rule.kind_ = Kind::kSlotRanges;
    for (const Item& item : split_list(ranges)) {
        Interval range = TM_TRY(parse_interval(row_of(Field::kSlot), item.text));
        range.low = std::max<int64_t>(range.low, 0);
        range.high = std::min<int64_t>(range.high, kSlots - 1);
        for (const Interval& other : rule.ranges_) {
            if (range.low <= other.high && other.low <= range.high) {
                return fail(ErrorCode::kInvalid, fmt::format("slot {} lies in two of the ranges",
                                                             std::max(range.low, other.low)));
            }
        }
        rule.ranges_.push_back(range);
    }
    return rule;
}

Result<SplitRule> SplitRule::in_parts(uint64_t parts) {
    if (parts == 0 || parts > kSlots) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("{} parts cannot be made of {} slots", parts, kSlots));
    }
    SplitRule rule;
    rule.kind_ = Kind::kSlotRanges;
    for (uint64_t i = 0; i < parts; ++i) {
        rule.ranges_.push_back({static_cast<int64_t>(kSlots * i / parts),
                                static_cast<int64_t>(kSlots * (i + 1) / parts) - 1});
    }
    return rule;
}

SplitRule SplitRule::by_db() {
    return {};
}

Result<SplitRule> SplitRule::by_prefix(std::string_view separator) {
    if (separator.empty()) return fail(ErrorCode::kInvalid, "the separator is empty");
    SplitRule rule;
    rule.kind_ = Kind::kPrefix;
    rule.separator_ = separator;
    return rule;
}

std::vector<std::string> SplitRule::files_in_any_case() const {
    std::vector<std::string> names;
    for (const Interval& range : ranges_) names.push_back(name_of(range));
    return names;
}

std::string SplitRule::file_of(uint64_t db, std::string_view key) const {
    if (kind_ == Kind::kDb) return fmt::format("db-{}", db);
    if (kind_ == Kind::kSlotRanges) {
        const int64_t slot = key_slot(key);
        for (const Interval& range : ranges_)
            if (range.contains(slot)) return name_of(range);
        return "rest";
    }
    const size_t end = key.find(separator_);
    if (end == std::string_view::npos) return "rest";
    if (end > kPrefixBytesMax) return "long-prefixes";
    return "prefix-" + file_text(key.substr(0, end));
}

}  // namespace tidemark::rdb_check
