// How the report says numbers and times.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::rdb_check {

// "1,234,567"
std::string grouped(uint64_t value);
// "12.3 %"; "0 %" of nothing.
std::string percent(uint64_t part, uint64_t whole);
// "2026-11-27 12:34:56 UTC"; the number itself when it is no time of this age.
std::string utc(int64_t seconds);

// Columns of text: the first `left` of them begin at their left edge, the others end at their
// right.
class TextTable {
public:
    TextTable(size_t left, std::vector<std::string> head) : left_(left) { add(std::move(head)); }

    // As many cells as the head has.
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.size() < 2; }
    std::vector<std::string> lines() const;

private:
    size_t left_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace tidemark::rdb_check
