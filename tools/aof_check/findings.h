// What can be wrong with a log, and how bad that is. Every code is a row of the table in
// findings.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aof/codec/log_walk.h"
#include "tools/common/output.h"

namespace tidemark::aof_check {

enum class Code : uint8_t {
    // The folder
    kNoManifest,
    kManifestLine,
    kFileMissing,
    kAdoptionOpen,
    kOrphan,
    kTemporaryFile,
    kCutOff,
    kLostAndFound,
    kHistoryPresent,
    kNothingBehind,
    // A file
    kBaseNotRdb,
    kBaseDamaged,
    kBaseUnknown,
    kDurableBytes,
    kTornGroup,
    kTornRecord,
    kOpenTransaction,
    kNotLast,
    kSealDamage,
    kBadRecord,
    kRefusedRecord,
    kWindow,
    kForeignRecords,
    kTimeGoesBack,
    kMoreDamage,
};

struct CodeRow {
    Code code;
    std::string_view name;
    tools::Level level;
    std::string_view server;  // what a server does on it
    std::string_view repair;  // what `fix` does
};

const CodeRow& row_of(Code code);

struct Finding {
    Code code;
    std::string file;
    uint64_t begin = 0;
    uint64_t end = 0;
    std::string what;
};

void report(tools::Output& output, const Finding& finding);

}  // namespace tidemark::aof_check
