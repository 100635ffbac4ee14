// Bytes of strangers in text that a person or a program reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::tools {

// Printable ASCII as it is, a backslash as \\, a quote as \", everything else as \xHH.
std::string escape(std::string_view bytes);
// The same, cut after `bytes_max` bytes with "..." behind.
std::string escape_short(std::string_view bytes, size_t bytes_max = 64);
std::string base64(std::string_view bytes);
// Well formed, without surrogates and overlong forms.
bool is_utf8(std::string_view bytes);

// "1234 (0x4d2)"
std::string format_offset(uint64_t offset);
// "1.5 GiB", "12 bytes"
std::string format_bytes(uint64_t bytes);
// "1 key", "2 keys"; the plural is the noun with an s.
std::string format_count(uint64_t count, std::string_view noun);

}  // namespace tidemark::tools
