// What keys add up to, by database, type and encoding.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/rdb_check/report/key_figures.h"

namespace tidemark::rdb_check {

// A hostile file can have a database a key: those after this many rows are added up in one, whose
// database is kOtherDbs.
inline constexpr size_t kTotalRowsMax = 4096;
inline constexpr uint64_t kOtherDbs = UINT64_MAX;

struct TotalRow {
    uint64_t db = 0;
    std::string type;
    std::string encoding;
    Amounts amounts;
    uint64_t expiring = 0;  // keys with an expiry
};

class Totals {
public:
    void add(const KeyFigures& key);

    // By db, type, encoding.
    std::vector<TotalRow> rows() const;
    // The same without the databases, or without encodings, or with types only: what is left out is
    // 0 or empty. By falling bytes.
    std::vector<TotalRow> by_type() const;
    std::vector<TotalRow> by_encoding() const;
    std::vector<TotalRow> by_db() const;

private:
    TotalRow& row_of(uint64_t db, std::string_view type, std::string_view encoding);

    // Types and encodings are names from a table, but for those of modules.
    std::map<std::string, TotalRow, std::less<>> rows_;
    std::string wanted_;  // the key of the last row
    TotalRow* last_ = nullptr;
};

}  // namespace tidemark::rdb_check
