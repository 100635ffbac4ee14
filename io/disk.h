// All file access of the persistence parts goes through these two interfaces. io/real_disk.h is the
// kernel's files (syncs through the ring); tests/support/sim_disk.h is a disk that forgets.
//
// Calls are synchronous and whole: write_at writes everything or fails. The asynchronous ones are
// start_..., because nothing may block the loop while the disk flushes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/operation.h"

namespace tidemark::io {

// What a disk takes past the page cache: a multiple of its own sectors' size on all that we know.
inline constexpr size_t kDirectBlockBytes = 4096;

class File {
public:
    virtual ~File() = default;

    virtual Result<uint64_t> size() = 0;
    // Bytes read; fewer than `length` only at the end of the file.
    virtual Result<size_t> read_at(char* to, size_t length, uint64_t offset) = 0;
    virtual Status write_at(std::string_view bytes, uint64_t offset) = 0;
    virtual Status truncate(uint64_t size) = 0;
    // Reserves blocks so that later writes there cannot meet ENOSPC. Size unchanged.
    virtual Status allocate(uint64_t offset, uint64_t length) = 0;
    // fdatasync: contents and the size needed to read them.
    virtual Status data_sync() = 0;
    // The same without waiting: `done` completes in the loop with 0 or -errno. At most one in
    // flight a file. What was written before the call is covered, later writes are not.
    virtual void start_data_sync(Operation& done) = 0;
    // A hint: these bytes are durable and nobody will read them soon, so the kernel need not keep
    // them in memory.
    virtual void drop_cached(uint64_t offset, uint64_t length) = 0;
    // Writes without waiting, through the ring, for the mode that trusts no inline write. `bytes`
    // stay valid until `done` completes with the byte count or -errno.
    virtual void start_write(std::string_view bytes, uint64_t offset, Operation& done) = 0;
    // Whether start_direct_write can be tried; opens what it takes.
    virtual bool open_direct() = 0;
    // Writes past the page cache what lies inside the file, in blocks that are durable already, and
    // makes it durable, without waiting: `done` completes with the byte count or -errno. Address,
    // length and offset are multiples of kDirectBlockBytes, and `bytes` stay valid until then.
    virtual void start_direct_write(std::string_view bytes, uint64_t offset, Operation& done) = 0;
};

enum class OpenMode {
    kRead,       // must exist
    kReadWrite,  // must exist
    kCreate,     // read and write, created when missing, contents kept
    kCreateNew,  // read and write, must not exist
    kTruncate,   // read and write, created or emptied
};

class Disk {
public:
    virtual ~Disk() = default;

    // A folder opens too, with kRead only: its data_sync and start_data_sync do what sync_folder
    // does, the latter without waiting.
    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    virtual Status rename(const std::string& from, const std::string& to) = 0;
    virtual Status remove(const std::string& path) = 0;
    virtual Result<bool> exists(const std::string& path) = 0;
    virtual Status make_folder(const std::string& path) = 0;  // fine when it is already there
    virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;  // bare names
    // Makes creates, renames and removals inside `folder` durable.
    virtual Status sync_folder(const std::string& folder) = 0;
    // True where overwriting a block in place does not stay in place (btrfs, zfs): no prefilled
    // window there.
    virtual bool copies_on_write(const std::string& folder) = 0;
};

// The whole file as one string. Refuses with kLimit past `limit` bytes, before allocating.
Result<std::string> read_file(Disk& disk, const std::string& path, uint64_t limit);

}  // namespace tidemark::io
