// The types that are written, by number. What they look like: rdb/codec/types.cc, and where they
// are encoded.
#pragma once

#include <cstdint>

namespace tidemark::rdb {

namespace type {
inline constexpr uint8_t kString = 0;
inline constexpr uint8_t kList = 1;
inline constexpr uint8_t kSet = 2;
inline constexpr uint8_t kZset = 3;
inline constexpr uint8_t kHash = 4;
inline constexpr uint8_t kZset2 = 5;
inline constexpr uint8_t kModule2 = 7;
inline constexpr uint8_t kSetIntset = 11;
inline constexpr uint8_t kStream = 15;
inline constexpr uint8_t kHashListpack = 16;
inline constexpr uint8_t kZsetListpack = 17;
inline constexpr uint8_t kListQuicklist2 = 18;
inline constexpr uint8_t kStream2 = 19;
inline constexpr uint8_t kSetListpack = 20;
inline constexpr uint8_t kStream3 = 21;
inline constexpr uint8_t kHashExpiryValkey = 22;  // of Valkey 80 only
inline constexpr uint8_t kHashExpiry = 24;
inline constexpr uint8_t kHashListpackExpiry = 25;
inline constexpr uint8_t kStream4 = 26;
}  // namespace type

// What a node of type 18 is.
namespace quicklist {
inline constexpr uint8_t kPlain = 1;   // one element
inline constexpr uint8_t kPacked = 2;  // a listpack
}  // namespace quicklist

// Expiry of a hash field: the largest that Redis takes.
inline constexpr int64_t kFieldExpiryMax = (int64_t{1} << 48) - 1;

}  // namespace tidemark::rdb
