// Mends a manifest line by line: what a line cannot have meant otherwise is put right, what stays
// unclear is left out and said.
//
// Of two bases the older one is kept: it and all increments behind it are the whole history, while
// a newer base already holds the effect of some of them.
//
// Where a line is lost, files of the log that no line names are taken in again by their names.
#pragma once

#include <string>
#include <vector>

#include "aof/codec/manifest.h"
#include "tools/aof_check/chain.h"

namespace tidemark::aof_check {

struct MendedManifest {
    aof::Manifest manifest;
    std::vector<std::string> mended;   // without loss, a sentence each
    std::vector<std::string> dropped;  // with what they named
    std::string unclear;  // why the files that lost lines named cannot be told; else empty
};

Result<MendedManifest> mend_manifest(const Chain& chain, tools::Session& session);

}  // namespace tidemark::aof_check
