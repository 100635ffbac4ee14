// The manifest of a folder by its files' names and contents.
//
// One base and the increments behind it are unambiguous. What is not is an error, not a guess:
// - several bases: kInvalid, unless the wish says which;
// - increments from before the base (an interrupted rewrite left them): known by a seq below the
//   base's, or by their time of last change against the base's own date. With `from_seq` the user
//   says where they begin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aof/codec/manifest.h"
#include "base/result.h"
#include "tools/aof_check/chain.h"
#include "tools/common/session.h"

namespace tidemark::aof_check {

struct RebuildWish {
    std::string base;       // a name; empty: the only one
    uint64_t from_seq = 0;  // 0: by their dates
};

struct RebuiltManifest {
    aof::Manifest manifest;
    std::vector<std::string> notes;
};

// Of the files that the chain lists in its folder, named by its manifest or not. kNotFound: there
// are none.
Result<RebuiltManifest> rebuild_manifest(const Chain& chain, tools::Session& session,
                                         const RebuildWish& wish);

}  // namespace tidemark::aof_check
