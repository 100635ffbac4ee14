// A table whose columns sort by a click on their heading (Enter, too). A long one scrolls inside
// its own box.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::html {

enum class Align : uint8_t { kLeft, kRight };
enum class Sorting : uint8_t { kOff, kOn };

struct Column {
    std::string title;
    Align align = Align::kRight;
    std::string tip = {};  // shown at the heading
};

struct Cell {
    std::string text;                 // as it is: escaped by the table
    std::optional<double> sort = {};  // what the column sorts by; unset: the text
    std::string_view css_class = {};  // "wide": may break; "mono": fixed width; both: "wide mono"
};

class Table {
public:
    explicit Table(std::vector<Column> columns, Sorting sorting = Sorting::kOn);

    // As many cells as columns.
    void add(const std::vector<Cell>& row);
    std::string html() const;

private:
    std::vector<Column> columns_;
    Sorting sorting_;
    std::string rows_;
    size_t count_ = 0;
};

}  // namespace tidemark::html
