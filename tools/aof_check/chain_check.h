// Checks a whole log, file by file, and decides what a server would do with it: the tables of
// aof/recovery.cc, from outside.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/aof_check/chain.h"
#include "tools/aof_check/file_check.h"
#include "tools/aof_check/findings.h"
#include "tools/aof_check/salvage_plan.h"

namespace tidemark::aof_check {

// What a server does with a file.
enum class Fate : uint8_t {
    kKept,
    kCut,      // its end goes, and the server starts
    kRefused,  // the server does not start
};

struct FileCheck {
    Fate fate = Fate::kKept;
    uint64_t counts = 0;  // bytes of the file, by the manifest's durable_bytes
    Preamble preamble;
    FileFacts facts;
    uint64_t readable_behind = 0;  // records behind the damage that salvage would keep
    bool is_usable_base = true;

    // Neither its beginning nor anything behind reads as a log.
    bool is_no_log() const;
    // A dump that is newer than this program, or a module's: not ours to take apart.
    bool is_opaque() const { return preamble.damage.has_value() && is_usable_base; }
    // A dump that salvage can write again without what is damaged.
    bool is_damaged_dump() const { return preamble.damage.has_value() && !is_usable_base; }
};

struct ChainCheck {
    std::vector<FileCheck> files;  // as Chain::files
    std::vector<Finding> findings;
    bool cannot_judge = false;  // a base too new, or a module's

    bool is_refused() const;
    bool is_cut() const;
    uint64_t records() const;
    uint64_t rdb_keys() const;
    uint64_t bytes_cut(const Chain& chain) const;
};

struct ChainCheckOptions {
    unsigned jobs = 1;
    bool look_behind_damage = true;
};

Result<ChainCheck> check_chain(const Chain& chain, const Judge& judge, tools::Session& session,
                               const ChainCheckOptions& options);

}  // namespace tidemark::aof_check
