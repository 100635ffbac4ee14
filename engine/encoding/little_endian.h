// Integers inside packed encodings: little-endian, at any alignment.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tidemark::encoding {

static_assert(std::endian::native == std::endian::little, "only little-endian machines are served");

template <class T>
T load_le(const char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <class T>
void store_le(char* to, T value) {
    std::memcpy(to, &value, sizeof value);
}

// Three bytes, sign-extended.
inline int32_t load_int24(const char* from) {
    uint32_t bits = 0;
    std::memcpy(&bits, from, 3);
    return static_cast<int32_t>(bits << 8) >> 8;
}

}  // namespace tidemark::encoding
