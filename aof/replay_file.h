// Reads one file of the log (its grammar: aof/codec/log_walk.h), hands its commands on, and says
// how the file ends. What becomes of each ending is the table in recovery.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aof/codec/log_walk.h"
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

// An error is a refusal that no row of the table stands for: a command that the target refuses, an
// I/O error, bytes that no writer leaves. It carries the offset; `what` names the file.
Result<FileEnding> replay_file(const ReplayFile& input, ReplayContext& context);

}  // namespace tidemark::aof
