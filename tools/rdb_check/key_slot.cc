#include "tools/rdb_check/key_slot.h"

#include <array>

namespace tidemark::rdb_check {

namespace {

// CRC-16/XMODEM: polynomial 0x1021, not reflected, initial value 0.
constexpr std::array<uint16_t, 256> make_table() {
    std::array<uint16_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned crc = byte << 8;
        for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ ((crc & 0x8000) != 0 ? 0x1021 : 0);
        table[byte] = static_cast<uint16_t>(crc);
    }
    return table;
}

constexpr std::array<uint16_t, 256> kTable = make_table();

uint16_t crc16(std::string_view bytes) {
    unsigned crc = 0;
    for (const char c : bytes)
        crc = (crc << 8 & 0xffff) ^ kTable[crc >> 8 ^ static_cast<unsigned char>(c)];
    return static_cast<uint16_t>(crc);
}

std::string_view hashed_part(std::string_view key) {
    const size_t open = key.find('{');
    if (open == std::string_view::npos) return key;
    const size_t close = key.find('}', open + 1);
    if (close == std::string_view::npos || close == open + 1) return key;
    return key.substr(open + 1, close - open - 1);
}

}  // namespace

uint16_t key_slot(std::string_view key) {
    return crc16(hashed_part(key)) % kSlots;
}

}  // namespace tidemark::rdb_check
