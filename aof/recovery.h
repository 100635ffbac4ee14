// From a folder in any state that a crash or a stranger could leave, to a keyspace and an open log,
// or to a refusal that names the file, the offset and the command that helps. Never empty beside a
// full folder, never silently short.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "aof/folder.h"
#include "base/log.h"
#include "base/result.h"
#include "io/disk.h"

namespace tidemark::aof {

struct RecoveryOptions {
    FolderNames names;
    bool load_truncated = true;  // aof-load-truncated
};

// Decoded commands go here, in order. SELECT included; MULTI and EXEC are not passed on: a
// transaction arrives whole or not at all.
class ReplayTarget {
public:
    virtual ~ReplayTarget() = default;
    // Applies a run of commands; views are valid during the call only. An error (unknown command,
    // bad SELECT) stops the recovery: `*failed` is the index of the command, for its offset.
    virtual Status apply(std::span<const std::span<const std::string_view>> commands,
                         size_t* failed) = 0;
    // A base in RDB format. The first version answers kUnsupported.
    virtual Status load_rdb(io::File& file, uint64_t* end_offset) = 0;
    // Now and then, so that a long load can show progress and be interrupted.
    virtual Status on_progress(uint64_t bytes_done, uint64_t bytes_total) = 0;
};

struct RecoveryReport {
    uint64_t commands = 0;
    uint64_t bytes = 0;
    uint64_t cut_bytes = 0;  // torn tail, kept aside
};

// Also creates a new folder where there is none, and adopts a pre-7 single file. On success the
// folder is durable and cut to size.
Result<Folder> recover(io::Disk& disk, Logger& logger, const RecoveryOptions& options,
                       ReplayTarget& target, RecoveryReport& report);

}  // namespace tidemark::aof
