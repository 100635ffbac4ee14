// What the bytes of an RDB file stand for.
//
//   REDIS0011 | VALKEY080        magic and version, 9 bytes
//   [opcode payload]...          attributes and hints; a type byte starts a key
//   [type key value]...
//   0xff                         EOF
//   crc64                        8 bytes, from version 5 on; 0: the writer did not compute it
//
// Lengths are big-endian, everything else is little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidemark::rdb {

inline constexpr size_t kHeadBytes = 9;
inline constexpr std::string_view kRedisMagic = "REDIS";    // then four digits
inline constexpr std::string_view kValkeyMagic = "VALKEY";  // then three

// Valkey 9 went its own way with types and opcodes above those of version 11.
enum class Dialect : uint8_t { kRedis, kValkey };

inline constexpr int kRedisVersionMax = 13;
inline constexpr int kValkeyVersion = 80;
inline constexpr int kFirstVersionWithChecksum = 5;

// Where a type byte may stand.
namespace opcode {
inline constexpr uint8_t kKeyMeta = 243;     // Redis 13+: modules' data about the next key
inline constexpr uint8_t kSlotImport = 243;  // Valkey 80: a slot migration that was under way
inline constexpr uint8_t kSlotInfo = 244;
inline constexpr uint8_t kFunction = 245;
inline constexpr uint8_t kFunctionPreGa = 246;  // release candidates of Redis 7.0
inline constexpr uint8_t kModuleAux = 247;
inline constexpr uint8_t kIdle = 248;
inline constexpr uint8_t kFreq = 249;
inline constexpr uint8_t kAux = 250;
inline constexpr uint8_t kResizeDb = 251;
inline constexpr uint8_t kExpireTimeMs = 252;
inline constexpr uint8_t kExpireTime = 253;
inline constexpr uint8_t kSelectDb = 254;
inline constexpr uint8_t kEof = 255;

// The versions that some came with; older servers refuse them.
inline constexpr int kFunctionSince = 10;
inline constexpr int kSlotInfoSince = 12;
inline constexpr int kKeyMetaSince = 13;
}  // namespace opcode

// First byte of a length: the two high bits, or the whole byte.
inline constexpr uint8_t kLength6 = 0;
inline constexpr uint8_t kLength14 = 1;
inline constexpr uint8_t kLengthSpecial = 3;  // not a length: a string's encoding in the low bits
inline constexpr uint8_t kLength32 = 0x80;
inline constexpr uint8_t kLength64 = 0x81;

enum class StringKind : uint8_t { kInt8 = 0, kInt16 = 1, kInt32 = 2, kLzf = 3 };

// Three bytes of LZF give at most 264: a reference with its longest length.
inline constexpr uint64_t kLzfGrowthMax = 264 / 3;

}  // namespace tidemark::rdb
