#include "bench/findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/request_writer.h"

namespace tidemark::bench {

bool Figure::reached() const {
    if (!target) return true;
    return target->bound == Bound::kAtLeast ? value >= target->value : value <= target->value;
}

std::optional<double> LogUse::writes_per_group() const {
    if (!groups || *groups == 0) return std::nullopt;
    return static_cast<double>(writes) / static_cast<double>(*groups);
}

std::optional<double> LogUse::groups_per_sync() const {
    if (!groups || !syncs || *syncs == 0) return std::nullopt;
    return static_cast<double>(*groups) / static_cast<double>(*syncs);
}

double Series::ops() const {
    return median(ops_per_s);
}

double Series::cpu() const {
    return median(server_us);
}

std::string Series::cpu_text() const {
    return cpu() > 0 ? fmt::format("{:.2f}", cpu()) : std::string();
}

double Series::spread_percent() const {
    if (ops_per_s.empty() || ops() <= 0) return 0;
    const auto [least, most] = std::minmax_element(ops_per_s.begin(), ops_per_s.end());
    return 100 * (*most - *least) / ops();
}

std::string Cell::text() const {
    std::string text = fmt::format("{} client{}", clients, clients == 1 ? "" : "s");
    if (pipeline != 1) text += fmt::format(", pipeline {}", pipeline);
    text += fmt::format(", {} B", value_bytes);
    if (reads_percent != 0) {
        text += fmt::format(", {} % reads{}", reads_percent,
                            readers == Readers::kSeparate ? " apart" : "");
    }
    if (rate > 0) text += fmt::format(", {}/s", short_number(rate));
    return text;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double median_ratio(const std::vector<double>& above, const std::vector<double>& below) {
    std::vector<double> ratios;
    for (size_t i = 0; i < std::min(above.size(), below.size()); i++) {
        if (below[i] > 0) ratios.push_back(above[i] / below[i]);
    }
    return median(std::move(ratios));
}

std::string short_number(double value) {
    if (value >= 1e6) return fmt::format("{:.2f}M", value / 1e6);
    if (value >= 1e3) return fmt::format("{:.1f}k", value / 1e3);
    return fmt::format("{:.0f}", value);
}

std::string duration_text(double ns) {
    if (ns >= 1e9) return fmt::format("{:.2f} s", ns / 1e9);
    if (ns >= 1e6) return fmt::format("{:.2f} ms", ns / 1e6);
    return fmt::format("{:.0f} us", ns / 1e3);
}

const char* policy_text(Persistence policy) {
    switch (policy) {
        case Persistence::kNone:
            return "off";
        case Persistence::kNo:
            return "no";
        case Persistence::kEverysec:
            return "everysec";
        case Persistence::kAlways:
            break;
    }
    return "always";
}

const char* disk_use_text(DiskUse use) {
    switch (use) {
        case DiskUse::kAppend:
            return "append + fdatasync";
        case DiskUse::kOverwrite:
            return "prefilled overwrite + fdatasync";
        case DiskUse::kDirect:
            return "direct overwrite, O_DSYNC";
        case DiskUse::kFlush:
            break;
    }
    return "a flush alone";
}

const char* cut_text(Cut cut) {
    return cut == Cut::kPower ? "power cut" : "kill -9";
}

uint64_t payload_bytes(const Cell& cell) {
    return kKeyBytes + cell.value_bytes;
}

}  // namespace tidemark::bench
