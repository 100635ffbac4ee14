// Records of strings, by hand.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::rdb_report {

// A length of up to 16,383.
inline std::string length_bytes(size_t bytes) {
    return {static_cast<char>(0x40 | bytes >> 8), static_cast<char>(bytes)};
}

inline std::string string_record(std::string_view key, std::string_view value) {
    return '\0' + length_bytes(key.size()) + std::string(key) + length_bytes(value.size()) +
           std::string(value);
}

inline size_t count(const std::string& text, std::string_view part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

}  // namespace tidemark::rdb_report
