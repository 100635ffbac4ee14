// The multi-part log folder: `<dir>/<appenddirname>/` with its manifest, base and increments.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "aof/codec/manifest.h"
#include "io/disk.h"

namespace tidemark::aof {

struct FolderNames {
    std::string dir = ".";  // --dir
    std::string appenddirname = "appendonlydir";
    std::string appendfilename = "appendonly.aof";

    std::string folder() const { return dir + "/" + appenddirname; }
    std::string manifest_name() const { return appendfilename + ".manifest"; }
    std::string manifest_path() const { return folder() + "/" + manifest_name(); }
    std::string temp_manifest_path() const { return folder() + "/temp-" + manifest_name(); }
    std::string path_of(std::string_view file) const { return folder() + "/" + std::string(file); }
};

// What recovery hands to the log.
struct Folder {
    FolderNames names;
    Manifest manifest;                    // as it is on disk
    std::unique_ptr<io::File> increment;  // the last one, open, positioned by `increment_size`
    uint64_t increment_size = 0;          // where the next group goes; everything before is synced
    uint64_t older_bytes = 0;             // size of base and earlier increments
    uint64_t base_bytes = 0;
};

// Makes `manifest` the folder's: temporary file, sync, folder sync, rename, folder sync. On success
// it is durable; on failure the old one or the new one is there, whole. Blocks.
Status persist_manifest(io::Disk& disk, const FolderNames& names, const Manifest& manifest);

// Reads [from, to) of a file and writes the same bytes to the same place, before a sync that must
// be believed. The page cache may show bytes that an earlier, failed sync has lost: it marked them
// clean, and the next sync would say that all is well. Written again they are dirty, and the sync
// answers for them. Does nothing for more than kWriteAgainMax: only kNo leaves that much unsynced,
// and it promised nothing.
Status write_again(io::File& file, uint64_t from, uint64_t to);
inline constexpr uint64_t kWriteAgainMax = 256 * 1024 * 1024;

// The manifest's line for an increment of ours.
ManifestEntry our_increment(const FolderNames& names, uint64_t seq);

}  // namespace tidemark::aof
