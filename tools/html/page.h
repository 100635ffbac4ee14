// One page that needs nothing else: no network, no library, no second file. Follows the system's
// light or dark, with a button to change it. Its script is one constant text, named by its hash in
// the page's Content-Security-Policy, so that a browser runs no other, whatever a key is called.
//
//   Page page("dump.rdb", "1,204 keys, written by Redis 7.0.15");
//   page.section("Types");
//   page.note("What the file holds, by what TYPE answers.");
//   page.add(stacked_bar(shares));     // anything from chart.h, line_chart.h, table.h, flame.h
//   const std::string text = page.finish();
//
// Text arguments are escaped here; only add() takes HTML, from this library's own functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::html {

class Page {
public:
    Page(std::string_view title, std::string_view subtitle);

    // Begins a section with a heading; what is added next belongs to it.
    void section(std::string_view heading);
    // As section, half as wide where there is room: two such in a row stand side by side. One that
    // is left over has the whole row.
    void half_section(std::string_view heading);
    void note(std::string_view text);
    // A row of figures, large: "1,204" over "keys".
    void figure(std::string_view value, std::string_view what);
    void add(std::string_view html);

    // The whole page. The footer says what made it. Call once.
    std::string finish(std::string_view footer);

private:
    void close_section();
    void close_figures();
    void widen_left_over();

    std::string text_;
    bool has_section_ = false;
    bool has_figures_ = false;
    size_t halves_ = 0;           // in a row, so far
    size_t last_half_begin_ = 0;  // in text_
};

// What the policy names, and its text: a test compares them.
std::string_view page_script();
std::string_view page_script_sha256();

}  // namespace tidemark::html
