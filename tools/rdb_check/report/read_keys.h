// Reads a dump for its report: past a key whose value is damaged, up to where its frame is lost.
//
// A report is no verdict; `rdb-check check` is. But figures of half a dump must not look like those
// of a whole one: what was left out is counted, and said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "rdb/codec/record_reader.h"
#include "tools/common/session.h"
#include "tools/common/source.h"
#include "tools/rdb_check/report/measure.h"

namespace tidemark::rdb_check {

struct ReadOutcome {
    uint64_t damaged_keys = 0;   // left out
    std::optional<Error> ended;  // what it could not be read past
    // Nothing: everything is in the figures.
    std::string incomplete() const;
};

// Findings go to the session's output, the keys to `measure`. An error is the machine's or the
// user's, not the dump's.
Result<ReadOutcome> read_keys(tools::Source& source, Measure& measure, tools::Session& session);

}  // namespace tidemark::rdb_check
