// Mends a manifest line by line: what a line cannot have meant otherwise is put right, what stays
// unclear is left out and said.
//
// Of two bases the older one is kept: it and all increments behind it are the whole history, while
// a newer base already holds the effect of some of them.
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
};

MendedManifest mend_manifest(const Chain& chain);

}  // namespace tidemark::aof_check
