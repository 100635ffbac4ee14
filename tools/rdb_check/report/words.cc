#include "tools/rdb_check/report/words.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace tidemark::rdb_check {

namespace {

constexpr int64_t kYear10000 = 253'402'300'800;

}  // namespace

std::string grouped(uint64_t value) {
    std::string text = fmt::to_string(value);
    for (size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, 1, ',');
    }
    return text;
}

std::string percent(uint64_t part, uint64_t whole) {
    if (whole == 0) return "0 %";
    return fmt::format("{:.1f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string utc(int64_t seconds) {
    if (seconds < 0 || seconds >= kYear10000) return fmt::to_string(seconds);
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<time_t>(seconds)));
}

std::vector<std::string> TextTable::lines() const {
    std::vector<size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
        for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::vector<std::string> lines;
    for (const auto& row : rows_) {
        std::string line;
        for (size_t i = 0; i < row.size(); ++i) {
            const std::string_view space = i == 0 ? "" : "  ";
            line += i < left_ ? fmt::format("{}{:<{}}", space, row[i], widths[i])
                              : fmt::format("{}{:>{}}", space, row[i], widths[i]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace tidemark::rdb_check
