#include "tools/html/flame.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/html/chart.h"
#include "tools/html/escape.h"

namespace tidemark::html {

namespace {

constexpr size_t kLevelPixels = 25;
constexpr size_t kLabelBytesMax = 120;
constexpr size_t kTipLineBytesMax = 300;

std::string tip_of(const FlamePart& part) {
    std::string text;
    for (const std::string& line : part.tip) {
        if (!text.empty()) text += "&#10;";
        text += escape_cut(line, kTipLineBytesMax);
    }
    return text;
}

class Drawing {
public:
    explicit Drawing(double whole) : whole_(whole) {}

    void draw(const FlamePart& part, double left, size_t level, unsigned colour) {
        put(part, left / whole_, level, colour);
        levels_ = std::max(levels_, level + 1);
        if (level + 1 == kFlameLevelsMax) return;
        for (size_t i = 0; i < part.parts.size(); ++i) {
            const FlamePart& below = part.parts[i];
            // The branches of the root are told apart by colour; what hangs below keeps it.
            if (below.value / whole_ >= kFlameShareMin)
                draw(below, left, level + 1, level == 0 ? colour_of(i) : colour);
            left += below.value;
        }
    }

    std::string html(const FlamePart& root) const {
        return fmt::format(
            "<p class=\"path\">{}</p><div class=\"flame mono\" style=\"height:{}px\">{}</div>",
            escape("Click a part to look closer, the top one to go back."), levels_ * kLevelPixels,
            root.value > 0 ? text_ : "");
    }

private:
    void put(const FlamePart& part, double left, size_t level, unsigned colour) {
        const double share = part.value / whole_;
        text_ += fmt::format(
            "<a class=\"k{}{}\" style=\"top:{}px;left:{:.4f}%;width:{:.4f}%\" data-left=\"{:.7f}\" "
            "data-width=\"{:.7f}\" data-level=\"{}\" data-tip=\"{}\">{}</a>\n",
            colour, share < 0.02 ? " thin" : "", level * kLevelPixels, 100 * left, 100 * share,
            left, share, level, tip_of(part), escape_cut(part.label, kLabelBytesMax));
    }

    double whole_;
    size_t levels_ = 0;
    std::string text_;
};

}  // namespace

std::string flame(const FlamePart& root) {
    if (root.value <= 0) return "<p class=\"empty\">Nothing to show.</p>";
    Drawing drawing(root.value);
    drawing.draw(root, 0, 0, kColourOfRest);
    return drawing.html(root);
}

}  // namespace tidemark::html
