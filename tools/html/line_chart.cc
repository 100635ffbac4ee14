#include "tools/html/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tools/html/escape.h"

namespace tidemark::html {

namespace {

// The drawing's own units; the browser scales them. The plane leaves room for marks and titles.
constexpr double kWidth = 520;
constexpr double kHeight = 260;
constexpr double kLeft = 62;
constexpr double kRight = kWidth - 16;
constexpr double kTop = 14;
constexpr double kBottom = kHeight - 44;

constexpr int kMarks = 5;

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void add(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool empty() const { return low > high; }
};

bool can_show(double value, Scale scale) {
    return std::isfinite(value) && (scale == Scale::kLinear ? value >= 0 : value > 0);
}

// The next of 1, 2, 5, 10, 20, ... at or above.
double round_up(double value) {
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 5.0}) {
        if (value <= step * power * (1 + 1e-9)) return step * power;
    }
    return 10 * power;
}

// One axis: where a value lies, and which values are marked.
class Ruler {
public:
    Ruler(const Axis& axis, Range range, double from, double to)
        : scale_(axis.scale), from_(from), to_(to), marks_(axis.marks) {
        for (const double mark : marks_) {
            if (can_show(mark, scale_)) range.add(mark);
        }
        if (range.empty()) range = {1, 1};
        if (scale_ == Scale::kLinear) {
            set_linear(range);
        } else {
            set_log(range);
        }
    }

    double place(double value) const {
        const double low = scaled(low_);
        return from_ + (to_ - from_) * (scaled(value) - low) / (scaled(high_) - low);
    }
    const std::vector<double>& marks() const { return marks_; }

private:
    double scaled(double value) const {
        return scale_ == Scale::kLinear ? value : std::log10(value);
    }

    void set_linear(Range range) {
        low_ = 0;
        const double step = round_up(range.high > 0 ? range.high / kMarks : 1);
        high_ = step * std::ceil(range.high / step - 1e-9);
        if (high_ <= 0) high_ = step;
        if (!marks_.empty()) return;
        for (int i = 0; i * step <= high_ * (1 + 1e-9); ++i) marks_.push_back(i * step);
    }

    void set_log(Range range) {
        low_ = range.low;
        high_ = range.high > range.low ? range.high : range.low * 10;
        if (!marks_.empty()) return;
        low_ = std::pow(10, std::floor(std::log10(low_) + 1e-9));
        high_ = std::pow(10, std::ceil(std::log10(high_) - 1e-9));
        if (high_ <= low_) high_ = 10 * low_;
        for (double mark = low_; mark <= high_ * (1 + 1e-9); mark *= 10) marks_.push_back(mark);
    }

    Scale scale_;
    double from_;
    double to_;
    double low_ = 0;
    double high_ = 1;
    std::vector<double> marks_;
};

void put_grid(std::string& svg, const Ruler& x, const Ruler& y, const Axis& x_axis,
              const Axis& y_axis) {
    for (const double mark : y.marks()) {
        svg += fmt::format(
            "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/><text "
            "x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>",
            kLeft, kRight, y.place(mark), kLeft - 8, y.place(mark) + 4, short_number(mark));
    }
    for (const double mark : x.marks()) {
        svg += fmt::format(
            "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/><text "
            "x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>",
            x.place(mark), kBottom, kBottom + 5, kBottom + 18, short_number(mark));
    }
    svg += fmt::format(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>"
        "<text x=\"14\" y=\"{}\" transform=\"rotate(-90 14 {})\" text-anchor=\"end\">{}</text>",
        kRight, kHeight - 6, escape(x_axis.title), kTop, kTop, escape(y_axis.title));
}

std::string tip_of(const Series& series, const Point& point) {
    if (!point.tip.empty()) return escape(point.tip);
    return escape(
        fmt::format("{}: {}, {}", series.name, short_number(point.x), short_number(point.y)));
}

std::string legend_item(unsigned colour, const std::string& name) {
    return fmt::format("<li><i class=\"k{}\"></i>{}</li>", colour, escape(name));
}

}  // namespace

std::string line_chart(std::span<const Series> series, std::span<const Limit> limits,
                       const Axis& x_axis, const Axis& y_axis) {
    const auto can_draw = [&](const Point& point) {
        return can_show(point.x, x_axis.scale) && can_show(point.y, y_axis.scale);
    };
    Range xs;
    Range ys;
    for (const Series& one : series) {
        for (const Point& point : one.points) {
            if (!can_draw(point)) continue;
            xs.add(point.x);
            ys.add(point.y);
        }
    }
    if (xs.empty()) return "<p class=\"empty\">Nothing to show.</p>";
    for (const Limit& limit : limits) {
        if (can_show(limit.y, y_axis.scale)) ys.add(limit.y);
    }
    const Ruler x(x_axis, xs, kLeft, kRight);
    const Ruler y(y_axis, ys, kBottom, kTop);

    std::string svg;
    std::string legend;
    put_grid(svg, x, y, x_axis, y_axis);
    for (const Limit& limit : limits) {
        if (!can_show(limit.y, y_axis.scale)) continue;
        svg += fmt::format(
            "<line class=\"limit s{0}\" x1=\"{1}\" x2=\"{2}\" y1=\"{3:.1f}\" y2=\"{3:.1f}\" "
            "data-tip=\"{4}\"/><text x=\"{2}\" y=\"{5:.1f}\" text-anchor=\"end\">{4}</text>",
            limit.colour, kLeft, kRight, y.place(limit.y), escape(limit.name),
            y.place(limit.y) - 5);
    }
    for (const Series& one : series) {
        std::string line;
        std::string dots;
        for (const Point& point : one.points) {
            if (!can_draw(point)) continue;
            line += fmt::format("{:.1f},{:.1f} ", x.place(point.x), y.place(point.y));
            dots += fmt::format(
                "<circle class=\"f{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" data-tip=\"{}\"/>",
                one.colour, x.place(point.x), y.place(point.y), tip_of(one, point));
        }
        svg += fmt::format("<polyline class=\"s{}\" points=\"{}\"/>{}", one.colour, line, dots);
        legend += legend_item(one.colour, one.name);
    }
    return fmt::format(
        "<div class=\"scroll\"><svg class=\"lines\" viewBox=\"0 0 {} {}\" role=\"img\">{}</svg>"
        "</div><ul class=\"legend\">{}</ul>",
        kWidth, kHeight, svg, legend);
}

std::string short_number(double value) {
    struct Unit {
        double size;
        const char* name;
    };
    for (const Unit unit : {Unit{1e9, "G"}, Unit{1e6, "M"}, Unit{1e3, "k"}}) {
        if (value >= unit.size) return fmt::format("{:.3g}{}", value / unit.size, unit.name);
    }
    return fmt::format("{:.3g}", value);
}

}  // namespace tidemark::html
