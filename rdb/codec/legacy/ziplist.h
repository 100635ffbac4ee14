// The ziplist: what small lists, hashes and sorted sets were before Redis 7, read only.
//
//   u32 total bytes | u32 offset of the last entry | u16 count | entry... | 0xff
//   entry: length of the one before (1 byte, or 0xfe and u32) | encoding and length | data
//
//   00xxxxxx         string, 6-bit length
//   01xxxxxx +1      string, 14-bit length, high bits first
//   10xxxxxx +4      string, 32-bit length, big-endian
//   0xc0 0xd0 0xe0   signed integer of 16, 32, 64 bits, little-endian
//   0xf0 0xfe        signed integer of 24, 8 bits
//   0xf1 .. 0xfd     integer 0 .. 12
//
// A count of 65535 says that only a walk knows. An empty one's last entry is at 10.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::rdb::legacy {

inline constexpr size_t kZiplistHeadBytes = 10;
inline constexpr uint8_t kZiplistEnd = 0xff;
inline constexpr uint16_t kZiplistCountUnknown = 0xffff;
// The longest beginning: both lengths in their long form, or an integer of 64 bits.
inline constexpr size_t kZiplistEntryHeadMax = 5 + 9;

// An entry's beginning. `head` 0: these bytes begin none, or `available` is too few to say.
struct ZiplistHead {
    size_t head = 0;      // bytes in front of a string's, or all of an integer
    size_t body = 0;      // bytes of a string
    uint64_t before = 0;  // what it says about the length of the entry before
    int64_t integer = 0;
    bool is_integer = false;
};
ZiplistHead parse_ziplist_head(const char* at, size_t available);

}  // namespace tidemark::rdb::legacy
