#include "tools/html/table.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "tools/html/escape.h"

namespace tidemark::html {

namespace {

// A cell is something to read; nobody reads more than this.
constexpr size_t kCellBytesMax = 512;
constexpr size_t kRowsWithoutScrolling = 25;

std::string_view class_of(Align align) {
    return align == Align::kRight ? "r" : "l";
}

}  // namespace

Table::Table(std::vector<Column> columns, Sorting sorting)
    : columns_(std::move(columns)), sorting_(sorting) {}

void Table::add(const std::vector<Cell>& row) {
    TM_ASSERT(row.size() == columns_.size());
    ++count_;
    rows_ += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
        const Cell& cell = row[i];
        rows_ += fmt::format("<td class=\"{} {}\"", class_of(columns_[i].align), cell.css_class);
        if (cell.sort) rows_ += fmt::format(" data-sort=\"{}\"", *cell.sort);
        rows_ += fmt::format(">{}</td>", escape_cut(cell.text, kCellBytesMax));
    }
    rows_ += "</tr>\n";
}

std::string Table::html() const {
    std::string text = fmt::format("<div class=\"scroll{}\"><table{}>",
                                   count_ > kRowsWithoutScrolling ? " tall" : "",
                                   sorting_ == Sorting::kOn ? " class=\"sorts\"" : "");
    text += "<thead><tr>";
    for (const Column& column : columns_) {
        text += fmt::format("<th class=\"{}\"", class_of(column.align));
        if (!column.tip.empty()) text += fmt::format(" data-tip=\"{}\"", escape(column.tip));
        text += fmt::format(">{}</th>", escape(column.title));
    }
    return text + "</tr></thead><tbody>\n" + rows_ + "</tbody></table></div>";
}

}  // namespace tidemark::html
