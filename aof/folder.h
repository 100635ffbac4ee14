// The multi-part log folder: `<dir>/<appenddirname>/` with its manifest, base and increments.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "aof/codec/manifest.h"
#include "io/disk.h"

namespace tidemark::aof {

struct FolderNames {
    std::string dir = ".";  // --dir
    std::string appenddirname = "appendonlydir";
    std::string appendfilename = "appendonly.aof";

    std::string folder() const { return dir + "/" + appenddirname; }
    std::string manifest_path() const { return folder() + "/" + appendfilename + ".manifest"; }
};

// What recovery hands to the log.
struct Folder {
    FolderNames names;
    Manifest manifest;                    // as it is on disk
    std::unique_ptr<io::File> increment;  // the last one, open, positioned by `increment_size`
    uint64_t increment_size = 0;          // where the next group goes; everything before is synced
    uint64_t older_bytes = 0;             // size of base and earlier increments
};

}  // namespace tidemark::aof
