// Which keys the records in a range are about, for the report of a loss.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aof/codec/scan.h"
#include "base/result.h"
#include "tools/aof_check/judge.h"
#include "tools/common/stop_flag.h"

namespace tidemark::aof_check {

inline constexpr size_t kLostKeysListed = 16;

struct LostKeys {
    uint64_t records = 0;           // that could be read
    std::vector<std::string> keys;  // the first different ones
    bool there_are_more = false;
};

// Reads what can be read in [begin, end), around what cannot.
Result<LostKeys> lost_keys(aof::ByteSource& source, uint64_t begin, uint64_t end, Judge judge,
                           const tools::StopFlag& stop);

// `: 12 records, keys "a", "b" and more`; empty when there is nothing to say.
std::string describe(const LostKeys& lost);

}  // namespace tidemark::aof_check
