// Writes what a salvage plan keeps: whole records in their order, sealed anew where the file has
// seals, because a seal names its own place.
#pragma once

#include <cstdint>
#include <string>

#include "aof/codec/scan.h"
#include "base/result.h"
#include "tools/aof_check/new_log.h"
#include "tools/aof_check/salvage_plan.h"
#include "tools/common/stop_flag.h"

namespace tidemark::aof_check {

// What becomes of records whose database is not known, because a SELECT may have been lost.
enum class DbAfterGap : uint8_t {
    kKeep,    // as if none was lost: the database from before the gap
    kPark,    // not in the result: in a file of their own
    kAssume,  // into a given database
};

struct KeptOptions {
    DbAfterGap db_after_gap = DbAfterGap::kKeep;
    int assumed_db = 0;
    NewLog::Write park;  // where parked records go
};

// Returns how many records were parked.
Result<uint64_t> write_kept(aof::ByteSource& source, const SalvagePlan& plan,
                            const KeptOptions& options, const tools::StopFlag& stop,
                            const NewLog::Write& write);

}  // namespace tidemark::aof_check
