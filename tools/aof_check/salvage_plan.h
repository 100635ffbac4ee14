// What of a damaged file can be kept: decided in one pass that writes nothing, so that a check can
// tell what a salvage would do.
//
//   |-- kept --|/// hole ///|-- kept --|/ hole /|-- kept --|
//
// With seals, a piece whose checksum fails is mended if one byte is wrong, else it is a hole up to
// the next whole seal. Without, reading goes on at the next place that begins several records.
// A transaction that a hole touches goes as a whole: back to its MULTI, forward to its EXEC.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aof/codec/scan.h"
#include "base/result.h"
#include "tools/aof_check/judge.h"
#include "tools/common/stop_flag.h"

namespace tidemark::aof_check {

// A source with some bytes put right.
class PatchedBytes final : public aof::ByteSource {
public:
    explicit PatchedBytes(aof::ByteSource& source) : source_(source) {}
    uint64_t size() const override { return source_.size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override;
    void patch(uint64_t offset, char byte) { patches_[offset] = byte; }
    size_t patches() const { return patches_.size(); }

private:
    aof::ByteSource& source_;
    std::map<uint64_t, char> patches_;
};

// A source whose bytes stand `shift` behind their places.
class ShiftedBytes final : public aof::ByteSource {
public:
    ShiftedBytes(aof::ByteSource& source, int64_t shift) : source_(source), shift_(shift) {}
    uint64_t size() const override { return source_.size() - static_cast<uint64_t>(shift_); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        return source_.read_at(to, length, offset + static_cast<uint64_t>(shift_));
    }

private:
    aof::ByteSource& source_;
    int64_t shift_;
};

// Whole records from `begin` to `end`, with the `#` lines between them.
struct Kept {
    uint64_t begin = 0;
    uint64_t end = 0;
    uint64_t records = 0;
    bool db_unknown = false;  // a SELECT may have been lost before it
    bool unverified = false;  // no checksum vouches for it, although the file has them
    int64_t shift = 0;        // its seals name places so far in front of where they stand
};

enum class HoleKind : uint8_t {
    kDamage,       // bytes that cannot be read
    kRefused,      // a record that cannot be replayed
    kTransaction,  // whole records of a transaction that is not whole
    kTail,         // to the end of the file
};

struct Hole {
    HoleKind kind = HoleKind::kDamage;
    uint64_t begin = 0;
    uint64_t end = 0;
    uint64_t records = 0;  // whole ones that go with it
    std::string why;
    std::string key_before;  // of the record in front, where there is one
    std::string key_after;
    bool never_promised = false;  // a torn group: nobody was told that it is safe
};

struct SalvagePlan {
    bool is_sealed = false;
    std::vector<Kept> kept;
    std::vector<Hole> holes;
    std::vector<uint64_t> mended;  // file offsets of bytes put right

    uint64_t kept_records() const;
    uint64_t lost_bytes() const;
};

// A piece that no checksum vouches for and whose records can be read one by one all the same.
enum class Unverified : uint8_t {
    kAuto,  // kept where a hole in it explains why the checksum fails; else any value may be wrong
    kKeep,
    kDrop,
};

struct SalvageOptions {
    uint64_t start = 0;  // behind an RDB preamble
    bool seals_promised = false;
    Unverified unverified = Unverified::kAuto;
    const tools::StopFlag* stop = nullptr;
};

// Past so many holes a file is not a damaged log but something else: kLimit.
inline constexpr size_t kHolesMax = 100'000;

// Bytes that could be mended are patched in `source`, which is what the plan's ranges refer to.
Result<SalvagePlan> plan_salvage(PatchedBytes& source, const Judge& judge,
                                 const SalvageOptions& options);

}  // namespace tidemark::aof_check
