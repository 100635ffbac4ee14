// Reads one file of the log, hands its commands on, and says how the file ends.
//
// A file of ours is [sealed pieces][fill][records of a stock redis-server]; each part may be
// missing. Any other file has no seals. The endings, and what becomes of each, are the table in
// recovery.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aof/codec/scan.h"
#include "aof/recovery.h"
#include "base/buffer.h"
#include "io/disk.h"

namespace tidemark::aof {

// An open file as bytes to scan.
class FileSource final : public ByteSource {
public:
    FileSource(io::File& file, uint64_t size) : file_(file), size_(size) {}
    uint64_t size() const override { return size_; }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        return file_.read_at(to, length, offset);
    }

private:
    io::File& file_;
    uint64_t size_;
};

enum class Ending : uint8_t {
    kClean,      // ends with a whole record
    kFill,       // then the window: the server was killed
    kForeign,    // then whole records that we did not write
    kTorn,       // ours: behind `keep` lie bytes that nobody was told are durable
    kTruncated,  // not ours: ends inside a record
    kOpenMulti,  // not ours: ends inside a transaction
    kDamaged,    // bytes that were durable are gone or wrong
};

struct FileEnding {
    Ending ending = Ending::kClean;
    uint64_t keep = 0;           // everything before it was replayed
    uint64_t problem_at = 0;     // where the damage or the torn part begins
    uint64_t known_durable = 0;  // by the seals: everything before it was synced once
    std::string what;
};

// What is shared by the files of one recovery.
struct ReplayContext {
    ReplayTarget& target;
    RecoveryReport& report;
    uint64_t bytes_total = 0;
    uint64_t bytes_before = 0;  // of the files already read
};

struct ReplayFile {
    io::File& file;
    std::string path;
    uint64_t size = 0;
    uint64_t start = 0;           // behind an RDB preamble
    bool seals_promised = false;  // by the manifest
};

// An error is a refusal that no ending stands for: a command that the target refuses, an I/O error,
// bytes that are wrong in a file without seals. It carries the offset; `what` names the file.
Result<FileEnding> replay_file(const ReplayFile& input, ReplayContext& context);

}  // namespace tidemark::aof
