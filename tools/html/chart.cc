#include "tools/html/chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/html/escape.h"

namespace tidemark::html {

namespace {

// With more columns than this only every n-th has its label.
constexpr size_t kLabelledColumnsMax = 14;

double height_of(const Bar& bar) {
    return bar.value > 0 ? bar.value : 0;
}

double sum_of(std::span<const Bar> bars) {
    double sum = 0;
    for (const Bar& bar : bars) sum += height_of(bar);
    return sum;
}

double highest_of(std::span<const Bar> bars) {
    double highest = 0;
    for (const Bar& bar : bars) highest = std::max(highest, height_of(bar));
    return highest;
}

double percent(double part, double whole) {
    return whole > 0 ? 100 * part / whole : 0;
}

std::string tip_of(const Bar& bar) {
    return bar.tip.empty() ? escape(fmt::format("{}: {}", bar.label, bar.text)) : escape(bar.tip);
}

const char* nothing() {
    return "<p class=\"empty\">Nothing to show.</p>";
}

}  // namespace

std::string stacked_bar(std::span<const Bar> bars) {
    const double sum = sum_of(bars);
    if (sum <= 0) return nothing();
    std::string shares;
    std::string legend;
    for (const Bar& bar : bars) {
        shares += fmt::format("<i class=\"k{}\" style=\"width:{:.3f}%\" data-tip=\"{}\"></i>",
                              bar.colour, percent(height_of(bar), sum), tip_of(bar));
        legend += fmt::format("<li><i class=\"k{}\"></i>{} <span>{}</span></li>", bar.colour,
                              escape(bar.label), escape(bar.text));
    }
    return fmt::format("<div class=\"share\">{}</div><ul class=\"legend\">{}</ul>", shares, legend);
}

std::string bars(std::span<const Bar> bars) {
    const double highest = highest_of(bars);
    if (bars.empty()) return nothing();
    std::string text = "<div class=\"bars\">";
    for (const Bar& bar : bars) {
        text += fmt::format(
            "<b data-tip=\"{0}\">{1}</b><div><i class=\"k{2}\" style=\"width:{3:.3f}%\" "
            "data-tip=\"{0}\"></i></div><span>{4}</span>",
            tip_of(bar), escape_cut(bar.label, 200), bar.colour, percent(height_of(bar), highest),
            escape(bar.text));
    }
    return text + "</div>";
}

std::string columns(std::span<const Bar> bars) {
    const double highest = highest_of(bars);
    if (highest <= 0) return nothing();
    const size_t step = (bars.size() + kLabelledColumnsMax - 1) / kLabelledColumnsMax;
    std::string text = fmt::format("<div class=\"columns{}\">", step > 1 ? " dense" : "");
    for (size_t i = 0; i < bars.size(); ++i) {
        const Bar& bar = bars[i];
        const char* key = i % step == 0 ? " class=\"key\"" : "";
        // 33 px are for the texts above and below.
        text += fmt::format(
            "<div data-tip=\"{}\"><s{}>{}</s><i class=\"k{}{}\" style=\"height:calc((100% - 33px)*"
            "{:.5f})\"></i><u{}>{}</u></div>",
            tip_of(bar), key, escape(bar.text), bar.colour, bar.value > 0 ? "" : " none",
            height_of(bar) / highest, key, escape(bar.label));
    }
    return text + "</div>";
}

}  // namespace tidemark::html
