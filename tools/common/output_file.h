// A file that is there whole or not at all: written under a temporary name beside its place,
// synced, renamed, its folder synced. Gone without a trace when it is not committed.
//
//   crash before the rename: a stray `<path>.tmp-<pid>`, the place untouched; after it: the new
//   file
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"
#include "rdb/codec/byte_sink.h"

namespace tidemark::tools {

enum class IfExists : uint8_t {
    kRefuse,     // kExists, before anything is written
    kReplace,    // atomically
    kKeepBackup  // atomically; the old one stays as `<path>.bak` (or .bak.1, .bak.2 ...)
};

inline constexpr size_t kOutputBufferBytes = 1024 * 1024;
inline constexpr mode_t kOutputMode = 0644;

// That of a file made of this one: nobody reads it who cannot read that.
mode_t output_mode(const struct stat& input);

class OutputFile final : public rdb::ByteSink {
public:
    // "-" is not a path here. Who writes many files at once gives each a smaller buffer. `mode` is
    // that of a new file; one that is replaced hands on its own.
    static Result<std::unique_ptr<OutputFile>> create(const std::string& path, IfExists if_exists,
                                                      size_t buffer_bytes = kOutputBufferBytes,
                                                      mode_t mode = kOutputMode);
    ~OutputFile() override;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    Status write(std::string_view bytes) override;
    uint64_t size() const { return size_; }
    // Overwrites bytes that were written before: counts that are known at the end only.
    Status write_at(std::string_view bytes, uint64_t offset);
    // Afterwards it is in its place and durable.
    Status commit();
    // Where the old file went, after commit() with kKeepBackup.
    const std::string& backup_path() const { return backup_path_; }

private:
    OutputFile(std::string path, std::string temporary, IfExists if_exists, size_t buffer_bytes,
               int fd);
    Status flush();
    Status put_in_place();
    Status keep_backup();

    std::string path_;
    std::string temporary_;
    std::string backup_path_;
    IfExists if_exists_;
    size_t buffer_bytes_;
    int fd_;
    Buffer pending_;
    uint64_t size_ = 0;
    bool is_committed_ = false;
};

// Makes creates and renames in the folder of `path` durable.
Status sync_folder_of(const std::string& path);

}  // namespace tidemark::tools
