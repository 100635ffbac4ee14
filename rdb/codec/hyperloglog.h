// A HyperLogLog is a string that begins with HYLL:
//
//   HYLL | u8 encoding (0 dense, 1 sparse) | 3 zeros | u64 cached cardinality | registers
//
// 16,384 registers of 6 bits. Dense: 12,288 bytes. Sparse, runs of registers:
//   00xxxxxx          x + 1 of value 0
//   01xxxxxx +1       that of 14 bits + 1 of value 0
//   1vvvvvxx          x + 1 of value v + 1
#pragma once

#include <string_view>

namespace tidemark::rdb {

// Empty: it is no HyperLogLog, or a sound one. Else what PFCOUNT would stumble over.
std::string_view hyperloglog_fault(std::string_view value);

}  // namespace tidemark::rdb
