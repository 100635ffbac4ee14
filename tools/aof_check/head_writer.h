// Writes a log that ends early: whole files, one that is cut, none behind it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/aof_check/chain.h"
#include "tools/aof_check/new_log.h"
#include "tools/common/session.h"

namespace tidemark::aof_check {

struct HeadFile {
    const ChainFile* file = nullptr;
    aof::ManifestEntry entry;   // in the new manifest
    uint64_t start = 0;         // behind an RDB preamble
    uint64_t keep = 0;          // bytes from the beginning
    bool is_mid_piece = false;  // of a sealed file: its records are sealed anew
};

// Fills `log` and commits it.
Status write_heads(const Chain& chain, const std::vector<HeadFile>& heads, tools::Session& session,
                   NewLog& log);

}  // namespace tidemark::aof_check
