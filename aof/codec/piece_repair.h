// What a seal's checksum can do besides saying no: one wrong byte in a piece has a syndrome of its
// own, so it is found and put right.
//
//   syndrome = crc64(bytes as they are) ^ crc as it was written
//
// The checksum is linear: the syndrome is the checksum of the error alone, one byte in zeros. Run
// backwards over the trailing zeros, it is at the place of the error the checksum of a single byte,
// of which there are 255. In a piece of 256 KiB a wrong place fits by chance once in 2^38.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aof/codec/scan.h"
#include "base/result.h"

namespace tidemark::aof {

// Longer pieces (one long record) are not held in memory and not repaired.
inline constexpr uint64_t kRepairBytesMax = kHoldBytes;

struct RepairedPiece {
    std::string bytes;  // the seal's line and what it covers, as they were written
    uint64_t wrong_at;  // file offset of the byte that was wrong
    char right;         // what it was
};

// The piece that begins at `at` and ends at `end`, if all that is wrong with it is one byte.
Result<std::optional<RepairedPiece>> repair_piece(ByteSource& source, uint64_t at, uint64_t end);

}  // namespace tidemark::aof
