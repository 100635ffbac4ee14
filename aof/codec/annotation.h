// The `#` lines between records. Redis skips them; at most 1,024 bytes with their CRLF.
//
//   #TS:<unix seconds>\r\n                              Redis's own timestamps
//   #TM:<offset>:<length>:<durable>:<crc64>\r\n         our seals, four times 16 hex digits
//   ########...#\r\n                                    fill: the prefilled window
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"

namespace tidemark::aof {

inline constexpr size_t kAnnotationLineMax = 1024;

// What a seal says about the bytes right behind it.
struct Seal {
    uint64_t offset = 0;   // of the seal line itself in its file
    uint64_t length = 0;   // of the sealed bytes that follow the line
    uint64_t durable = 0;  // everything before this file offset was synced when this was written
    uint64_t crc = 0;      // CRC64 of the line up to this field, then of the sealed bytes
};

inline constexpr std::string_view kSealPrefix = "#TM:";
inline constexpr size_t kSealBytes = 4 + 4 * 16 + 3 + 2;
// The part of the line that its own checksum covers.
inline constexpr size_t kSealCheckedBytes = kSealBytes - 16 - 2;

// Writes the line for `body`, which it checksums, at `to` (kSealBytes long).
void write_seal(char* to, uint64_t offset, uint64_t durable, std::string_view body);
// The line as the fields say, the checksum included.
void write_seal_text(char* to, const Seal& seal);
// nullopt when `line` (kSealBytes long) is not exactly in the form above. The checksum is not
// looked at.
std::optional<Seal> parse_seal(std::string_view line);
// The checksum that a seal with this text (at least kSealCheckedBytes) and body must carry.
uint64_t seal_crc(std::string_view line, std::string_view body);

void append_timestamp(Buffer& out, int64_t unix_seconds);
// The seconds of a `#TS:` line without its CRLF.
std::optional<int64_t> parse_timestamp(std::string_view line);

// Fill lines are one disk sector long and begin at multiples of it, so that a lost sector shows
// whole fill lines and never half of one.
inline constexpr uint64_t kFillLineBytes = 512;
// Writes fill for file offsets [from, to) at `out`; `to` is a multiple of kFillLineBytes, and at
// least 3 bytes behind `from`.
void write_fill(char* out, uint64_t from, uint64_t to);
// The bytes [from, to) of a fill that begins somewhere before them; `to` as above.
void write_inside_of_fill(char* out, uint64_t from, uint64_t to);
// The first line end at which fill from `offset` on can stop: a multiple of kFillLineBytes that
// leaves room for `#\r\n`.
uint64_t fill_boundary_after(uint64_t offset);

}  // namespace tidemark::aof
