// A tree as a flame graph that hangs from its root: a part lies below the one that it belongs to
// and is as wide as its share of it. A click looks closer, a click on the root goes back.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tidemark::html {

struct FlamePart {
    std::string label;
    std::vector<std::string> tip;  // lines; also said above the graph when it is looked at
    double value = 0;
    // Their values add up to at most this part's; the order is the order on the page.
    std::vector<FlamePart> parts = {};
};

// Parts that would be narrower than this share of the root, and what lies below kFlameLevelsMax,
// are left out: they would not be seen, and a page has to stay small.
inline constexpr double kFlameShareMin = 1.0 / 4000;
inline constexpr size_t kFlameLevelsMax = 12;

std::string flame(const FlamePart& root);

}  // namespace tidemark::html
