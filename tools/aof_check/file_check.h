// Checks one file of a log, with the walk that a server loads it with: what is in it, and how it
// ends.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "aof/codec/log_walk.h"
#include "base/result.h"
#include "tools/aof_check/judge.h"
#include "tools/common/source.h"
#include "tools/common/stop_flag.h"

namespace tidemark::aof_check {

// What a file, or a part of one, was found to hold.
struct FileFacts {
    bool is_sealed = false;
    uint64_t records = 0;
    uint64_t lines = 0;         // of records: one for each length and each argument
    uint64_t transactions = 0;  // that are whole
    uint64_t pieces = 0;
    uint64_t fill_bytes = 0;
    std::optional<int64_t> first_time;  // of #TS lines
    std::optional<int64_t> last_time;
    std::optional<uint64_t> time_goes_back_at;
    aof::FileEnding ending;

    void note_time(int64_t seconds, uint64_t offset);
    // What comes behind this.
    void append(const FileFacts& next);
};

struct FileCheckOptions {
    uint64_t start = 0;           // behind an RDB preamble
    bool seals_promised = false;  // by the manifest
    unsigned jobs = 1;
    uint64_t chunk_bytes = 16 * 1024 * 1024;  // that one of several threads takes at a time
    const tools::StopFlag* stop = nullptr;
    std::function<void(uint64_t)> progress;  // bytes done; from the calling thread
};

// A damaged file is no error: ending says so.
Result<FileFacts> check_file(aof::ByteSource& source, const Judge& judge,
                             const FileCheckOptions& options);

// The RDB part at the head of a file, if there is one.
struct Preamble {
    uint64_t end = 0;  // 0: none
    uint64_t keys = 0;
    bool is_checksummed = false;
    std::optional<int64_t> made_at;  // unix time, by its AUX field
    std::optional<Error> damage;
};
Result<Preamble> read_preamble(tools::Source& source, const tools::StopFlag& stop,
                               const std::function<void(uint64_t)>& progress);

// The first `size` bytes of another source.
class HeadOf final : public aof::ByteSource {
public:
    HeadOf(aof::ByteSource& whole, uint64_t size) : whole_(whole), size_(size) {}
    uint64_t size() const override { return size_; }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override;

private:
    aof::ByteSource& whole_;
    uint64_t size_;
};

}  // namespace tidemark::aof_check
