// Numbers to and from text, as strict as Redis is: no leading spaces, no plus sign, no leading
// zeros, nothing left over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

// Longest decimal int64 with its sign.
inline constexpr size_t kMaxInt64Chars = 20;

std::optional<int64_t> parse_int64(std::string_view text);
std::optional<uint64_t> parse_uint64(std::string_view text);
// Long double as INCRBYFLOAT takes it: decimal, hexadecimal and inf spellings of strtold; NaN,
// leading space and overflow are refused.
std::optional<long double> parse_long_double(std::string_view text);
std::optional<double> parse_double(std::string_view text);

// Writes decimal digits at `to` (room for kMaxInt64Chars), returns how many.
size_t write_int64(char* to, int64_t value);
// How INCRBYFLOAT stores and answers: 17 decimals, trailing zeros and point removed.
std::string format_long_double(long double value);
// The shortest text that reads back as the same double, in the form of Redis 7.2 and later.
std::string format_double(double value);

}  // namespace tidemark
