#include "tools/rdb_check/report/totals.h"

#include <algorithm>
#include <tuple>

namespace tidemark::rdb_check {

namespace {

constexpr std::string_view kOther = "other";

std::vector<TotalRow> summed(const std::vector<TotalRow>& rows, TotalRow (*group_of)(TotalRow)) {
    std::vector<TotalRow> sums;
    for (const TotalRow& row : rows) {
        const TotalRow group = group_of(row);
        auto sum = std::find_if(sums.begin(), sums.end(), [&](const TotalRow& one) {
            return one.db == group.db && one.type == group.type && one.encoding == group.encoding;
        });
        if (sum == sums.end()) {
            sums.push_back(group);
            continue;
        }
        sum->amounts.add(row.amounts);
        sum->expiring += row.expiring;
    }
    std::stable_sort(sums.begin(), sums.end(), [](const TotalRow& one, const TotalRow& other) {
        return one.amounts.file_bytes > other.amounts.file_bytes;
    });
    return sums;
}

}  // namespace

TotalRow& Totals::row_of(uint64_t db, std::string_view type, std::string_view encoding) {
    if (last_ != nullptr && last_->db == db && last_->type == type && last_->encoding == encoding)
        return *last_;
    wanted_.assign(reinterpret_cast<const char*>(&db), sizeof db);
    wanted_.append(type).append(1, '\0').append(encoding);
    auto row = rows_.find(wanted_);
    if (row == rows_.end()) {
        if (rows_.size() >= kTotalRowsMax && db != kOtherDbs) {
            return row_of(kOtherDbs, type, type == "module" ? kOther : encoding);
        }
        row = rows_.emplace(wanted_, TotalRow{db, std::string(type), std::string(encoding), {}, 0})
                  .first;
    }
    last_ = &row->second;
    return *last_;
}

void Totals::add(const KeyFigures& key) {
    TotalRow& row = row_of(key.db, key.type, key.encoding);
    row.amounts.add(key.amounts);
    if (key.expire_at_ms) ++row.expiring;
}

std::vector<TotalRow> Totals::rows() const {
    std::vector<TotalRow> rows;
    for (const auto& [name, row] : rows_) rows.push_back(row);
    std::sort(rows.begin(), rows.end(), [](const TotalRow& one, const TotalRow& other) {
        return std::tie(one.db, one.type, one.encoding) <
               std::tie(other.db, other.type, other.encoding);
    });
    return rows;
}

std::vector<TotalRow> Totals::by_type() const {
    return summed(rows(), [](TotalRow row) {
        row.db = 0;
        row.encoding.clear();
        return row;
    });
}

std::vector<TotalRow> Totals::by_encoding() const {
    return summed(rows(), [](TotalRow row) {
        row.db = 0;
        return row;
    });
}

std::vector<TotalRow> Totals::by_db() const {
    return summed(rows(), [](TotalRow row) {
        row.type.clear();
        row.encoding.clear();
        return row;
    });
}

}  // namespace tidemark::rdb_check
