// Which of several files a key goes to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/rdb_check/filter.h"

namespace tidemark::rdb_check {

class SplitRule {
public:
    // "0..5460,5461..10922": a file a range, and one for what lies in none. kInvalid: not ranges of
    // slots, or two of them share one.
    static Result<SplitRule> by_slots(std::string_view ranges);
    // So many ranges of slots of the same length, as a new cluster has them.
    static Result<SplitRule> in_parts(uint64_t parts);
    static SplitRule by_db();
    // By what stands in front of the first `separator`.
    static Result<SplitRule> by_prefix(std::string_view separator);

    // The file's name without its ending. Two keys with the same name go together.
    std::string file_of(uint64_t db, std::string_view key) const;
    // The files that are made even if no key goes there: one a range.
    std::vector<std::string> files_in_any_case() const;

private:
    enum class Kind : uint8_t { kSlotRanges, kDb, kPrefix };

    Kind kind_ = Kind::kDb;
    std::vector<Interval> ranges_;
    std::string separator_;
};

}  // namespace tidemark::rdb_check
