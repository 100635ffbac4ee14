// Finds where records can be read again behind damage, in a file without seals (with them:
// seal_search.h).
#pragma once

#include <cstdint>
#include <optional>

#include "aof/codec/command_names.h"
#include "aof/codec/scan.h"
#include "aof/codec/search_budget.h"
#include "base/result.h"

namespace tidemark::aof {

// Records that must follow a candidate for it to be believed, where the range is long enough.
inline constexpr int kResyncRecords = 3;

// The first offset in [start, end) that begins a record with a known command and the right number
// of arguments, with kResyncRecords more like it behind it, or fewer and then the end of the range.
// (A value may hold such bytes, if it is the text of a log. Nothing tells those apart.)
// kLimit: the budget is used up.
Result<std::optional<uint64_t>> find_record(ByteSource& source, uint64_t start, uint64_t end,
                                            const CommandNames& names, SearchBudget& budget);
// With a budget of its own.
Result<std::optional<uint64_t>> find_record(ByteSource& source, uint64_t start, uint64_t end,
                                            const CommandNames& names);

}  // namespace tidemark::aof
