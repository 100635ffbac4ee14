// CRC-64/Jones as RDB files and DUMP payloads use it (reflected, initial value 0, no final xor),
// through ISA-L's vectorised crc64_jones_refl.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

// crc64(b, crc64(a, 0)) == crc64(a + b, 0); crc64("123456789") == 0xe9c6d914c4b8d9ca.
uint64_t crc64(std::string_view bytes, uint64_t crc = 0);

}  // namespace tidemark
