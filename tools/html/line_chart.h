// Lines over a plane, as SVG: linear or logarithmic axes, limits as dashed lines, a legend, and the
// figures of a point when the pointer is at it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tidemark::html {

enum class Scale : uint8_t { kLinear, kLog };

struct Axis {
    std::string title;
    Scale scale = Scale::kLinear;  // kLog: values at or below 0 are left out
    // Where the axis has its marks; empty: round numbers.
    std::vector<double> marks = {};
};

struct Point {
    double x = 0;
    double y = 0;
    std::string tip = {};  // empty: "x, y" with the series' name
};

struct Series {
    std::string name;
    std::vector<Point> points;  // by rising x
    unsigned colour = 0;
};

struct Limit {
    std::string name;
    double y = 0;
    unsigned colour = 8;
};

// Linear axes begin at 0.
std::string line_chart(std::span<const Series> series, std::span<const Limit> limits, const Axis& x,
                       const Axis& y);

// 1234567 as "1.23M", 0.5 as "0.5": for marks and short texts.
std::string short_number(double value);

}  // namespace tidemark::html
