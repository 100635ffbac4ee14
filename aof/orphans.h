// Files in the log's folder that the manifest does not name: what an interrupted switch, rewrite or
// failure left behind.
#pragma once

#include "aof/folder.h"
#include "base/log.h"
#include "base/result.h"
#include "io/disk.h"

namespace tidemark::aof {

// Moves them to `lost+found/` inside the folder, one log line each. Empty ones and temporary
// manifests, which hold nothing that is not elsewhere, are deleted. Names that are not ours to
// judge, and `<file>.tail-<offset>`, stay.
Status park_orphans(io::Disk& disk, Logger& logger, const FolderNames& names,
                    const Manifest& manifest);

}  // namespace tidemark::aof
