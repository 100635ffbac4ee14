// CRC-64/Jones as RDB files and DUMP payloads use it (reflected, initial value 0, no final xor),
// through ISA-L's vectorised crc64_jones_refl.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

// crc64(b, crc64(a, 0)) == crc64(a + b, 0); crc64("123456789") == 0xe9c6d914c4b8d9ca.
uint64_t crc64(std::string_view bytes, uint64_t crc = 0);

// crc64(a + b) from crc64(a), crc64(b) and b's length, without the bytes: in a few microseconds for
// any length. Pieces can so be summed by different threads, or one be taken out of a sum again:
// crc64(b) == crc64(a + b) ^ crc64_combine(crc64(a), 0, length of b).
uint64_t crc64_combine(uint64_t crc_a, uint64_t crc_b, uint64_t length_b);

}  // namespace tidemark
