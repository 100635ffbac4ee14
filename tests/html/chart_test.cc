#include "tools/html/chart.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tools/html/flame.h"
#include "tools/html/line_chart.h"

namespace tidemark::html {

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

const std::string kHostile = "<\"'>";

}  // namespace

TEST_CASE("html/chart: shares are percentages of the sum, bars of the longest") {
    const std::vector<Bar> three = {{"a", 1, "1"}, {"b", 3, "3"}, {"c", -5, "none"}};
    CHECK(has(stacked_bar(three), "width:25.000%"));
    CHECK(has(stacked_bar(three), "width:75.000%"));
    CHECK(has(bars(three), "width:33.333%"));
    CHECK(has(bars(three), "width:100.000%"));
    CHECK(has(columns(three), "*1.00000)"));
}

TEST_CASE("html/chart: nothing, or only zeros and NaN, is said and not drawn") {
    const std::vector<Bar> zeros = {{"a", 0, ""}, {"b", std::nan(""), ""}};
    for (const std::string& html :
         {stacked_bar({}), bars({}), columns({}), stacked_bar(zeros), columns(zeros),
          flame({"", {}, 0}), line_chart({}, {}, {"x"}, {"y"})}) {
        CHECK(has(html, "Nothing to show"));
        CHECK(!has(html, "nan"));
    }
    CHECK(!has(bars(zeros), "nan"));
}

TEST_CASE("html/chart: hostile labels stay text in every form") {
    const std::vector<Bar> one = {{kHostile, 1, kHostile, kHostile}};
    const std::vector<Series> series = {{kHostile, {{1, 1, kHostile}}}};
    const std::vector<Limit> limits = {{kHostile, 2}};
    for (const std::string& html :
         {stacked_bar(one), bars(one), columns(one), flame({kHostile, {kHostile}, 1}),
          line_chart(series, limits, {kHostile}, {kHostile})}) {
        CHECK(has(html, "&lt;&quot;&#39;&gt;"));
        CHECK(!has(html, kHostile));
    }
}

TEST_CASE("html/flame: parts lie below what they belong to, and slivers are left out") {
    FlamePart root{"all", {"all", "1000"}, 1000};
    root.parts = {{"a", {}, 750, {{"a1", {}, 250}}}, {"b", {}, 249.9}, {"c", {}, 0.1}};
    const std::string html = flame(root);
    CHECK(has(html, "top:0px;left:0.0000%;width:100.0000%"));
    CHECK(has(html, "top:25px;left:75.0000%;width:24.9900%"));
    CHECK(has(html, "top:50px;left:0.0000%;width:25.0000%"));
    CHECK(has(html, "all&#10;1000"));
    CHECK(!has(html, ">c</a>"));
}

TEST_CASE("html/flame: a tree of any depth gives a page of bounded depth") {
    FlamePart root{"leaf", {}, 1};
    for (int i = 0; i < 1000; ++i) {
        FlamePart above{"level", {}, 1};
        above.parts.push_back(std::move(root));
        root = std::move(above);
    }
    CHECK(!has(flame(root), "leaf"));
    CHECK(has(flame(root), "height:300px"));
}

TEST_CASE("html/lines: linear axes begin at zero and end at a round number") {
    const std::vector<Series> series = {{"s", {{0, 0}, {10, 87}}}};
    const std::string html = line_chart(series, {}, {"x"}, {"y"});
    CHECK(has(html, ">0</text>"));
    CHECK(has(html, ">100</text>"));
    CHECK(has(html, "62.0,216.0 504.0,"));
}

TEST_CASE("html/lines: logarithmic axes leave out what has no logarithm") {
    const std::vector<Series> series = {{"s", {{0, 5}, {1, 5}, {10, -1}, {100, 50}}}};
    const std::string html =
        line_chart(series, {}, {"x", Scale::kLog, {1, 10, 100}}, {"y", Scale::kLog});
    CHECK(has(html, "points=\"62.0,"));
    CHECK(has(html, " 504.0,"));
    CHECK(!has(html, "nan"));
    CHECK(!has(html, "inf"));
}

TEST_CASE("html/lines: a single point and a limit above it are both inside the plane") {
    const std::vector<Series> series = {{"s", {{1, 10}}}};
    const std::vector<Limit> limits = {{"disk", 1000}};
    for (const Scale scale : {Scale::kLinear, Scale::kLog}) {
        const std::string html = line_chart(series, limits, {"x", scale}, {"y", scale});
        CHECK(has(html, "y1=\"14.0\" y2=\"14.0\" data-tip=\"disk\""));
        CHECK(!has(html, "nan"));
    }
}

TEST_CASE("html/lines: short numbers have three digits") {
    CHECK(short_number(0) == "0");
    CHECK(short_number(0.5) == "0.5");
    CHECK(short_number(1234) == "1.23k");
    CHECK(short_number(9'870'000) == "9.87M");
    CHECK(short_number(2e9) == "2G");
}

}  // namespace tidemark::html
