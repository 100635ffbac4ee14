// Bars in three forms, drawn by the browser's own layout so that they fit any width.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tidemark::html {

// Colours 0 to 7 tell things apart, 8 is for the rest.
inline constexpr unsigned kColours = 8;
inline constexpr unsigned kColourOfRest = 8;

// Colour of the n-th thing; past the eighth they repeat.
constexpr unsigned colour_of(size_t nth) {
    return static_cast<unsigned>(nth % kColours);
}

struct Bar {
    std::string label;
    double value = 0;      // negative and NaN are drawn as 0
    std::string text;      // the value as it is to be read: "12.4 MiB"
    std::string tip = {};  // shown at the pointer; empty: label and text
    unsigned colour = 0;
};

// Shares of one whole, side by side in one bar, with a legend below.
std::string stacked_bar(std::span<const Bar> bars);
// One line a bar: label, bar, text. The longest is as long as there is room.
std::string bars(std::span<const Bar> bars);
// A histogram: upright bars in the order given, labels below and texts on top.
std::string columns(std::span<const Bar> bars);

}  // namespace tidemark::html
