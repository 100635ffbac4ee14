// Seals, the index of seals and the footer: how they are spelled. docs/rdb-seals.md tells what they
// are for and shows a whole file.
//
// All three are AUX fields, which stock Redis skips. A seal, and the footer, is 112 bytes long, so
// that it can be searched for, and proves that it is one by naming its own offset:
//
//   fa 07 tm-seal 40 65 <offset> <length> <keys> <db> <next db> <crc>
//
// six numbers of 16 hexadecimal digits with a space between two. It stands between two records and
// speaks of the `length` bytes in front of it; those and its own up to the digits of the checksum
// are what the checksum is of. Every byte in front of the footer's end is so covered by exactly one
// seal (a change of the digits themselves shows as a mismatch).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"

namespace tidemark::rdb {

inline constexpr std::string_view kSealName = "tm-seal";
inline constexpr std::string_view kIndexName = "tm-index";
inline constexpr std::string_view kFooterName = "tm-foot";
// AUX fields of ours speak of the bytes around them and are never carried over into another file.
inline constexpr std::string_view kOwnAuxPrefix = "tm-";

inline constexpr size_t kSealDigits = 16;
inline constexpr size_t kSealTextBytes = 6 * kSealDigits + 5;
inline constexpr size_t kSealHeadBytes = 2 + kSealName.size() + 2;
inline constexpr size_t kSealBytes = kSealHeadBytes + kSealTextBytes;
// Of them, those that the seal's own checksum covers.
inline constexpr size_t kSealCheckedBytes = kSealBytes - kSealDigits;

// One line of the index: a seal's text and a newline.
inline constexpr size_t kIndexLineBytes = kSealTextBytes + 1;

// What one seal says: whole records, which can be read without any other part of the file.
struct Segment {
    uint64_t begin = 0;    // the file's beginning, or right behind the seal before
    uint64_t end = 0;      // where its seal begins
    uint64_t keys = 0;     // how many of its records are keys
    uint64_t db = 0;       // selected where it begins
    uint64_t next_db = 0;  // selected where it ends
    uint64_t crc = 0;      // as the seal has it

    uint64_t after() const { return end + kSealBytes; }
    uint64_t bytes() const { return after() - begin; }
    // The CRC64 that [begin, after()) must have: for who sums those bytes anyway. crc64_combine
    // makes the whole file's of them.
    uint64_t checksum() const;
    bool operator==(const Segment&) const = default;
};

// The footer: a seal over the index, and what there is in all.
struct Footer {
    uint64_t offset = 0;
    uint64_t index_bytes = 0;  // in front of it
    uint64_t segments = 0;
    uint64_t keys = 0;
    uint64_t format = 1;
    uint64_t crc = 0;
};

// The whole AUX field. The checksum is computed: `crc_before` is that of the sealed bytes.
Segment append_seal(Buffer& out, Segment segment, uint64_t crc_before);
void append_footer(Buffer& out, Footer footer, uint64_t crc_before);
// The text alone, as an index has it.
void append_seal_text(Buffer& out, const Segment& segment);

// From the text. nullopt: not spelled so, or not possible (longer than what is in front of it).
// Whether the bytes are as the seal says is not looked at.
std::optional<Segment> parse_seal_text(std::string_view text);
std::optional<Footer> parse_footer_text(std::string_view text);
// From the whole field, which stands at `offset`.
std::optional<Segment> parse_seal(std::string_view field, uint64_t offset);
// The same wherever it stands, and says that it does: bytes may be missing in front of it.
std::optional<Segment> parse_moved_seal(std::string_view field);
std::optional<Footer> parse_moved_footer(std::string_view field);
std::optional<Footer> parse_footer(std::string_view field, uint64_t offset);

// The bytes that a seal begins with, for searches.
std::string_view seal_head();

}  // namespace tidemark::rdb
