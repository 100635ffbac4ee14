#include "base/number.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace tidemark {

namespace {

// Longest text that strtold is given; Redis's own limit for a long double argument.
constexpr size_t kMaxFloatChars = 5 * 1024;

bool is_canonical_magnitude(std::string_view digits) {
    if (digits.empty()) return false;
    return digits[0] != '0' || digits.size() == 1;
}

}  // namespace

std::optional<uint64_t> parse_uint64(std::string_view text) {
    if (!is_canonical_magnitude(text)) return std::nullopt;
    uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::optional<int64_t> parse_int64(std::string_view text) {
    if (text.empty() || text.size() > kMaxInt64Chars) return std::nullopt;
    const bool negative = text[0] == '-';
    const std::string_view digits = negative ? text.substr(1) : text;
    if (!is_canonical_magnitude(digits) || (negative && digits[0] == '0')) return std::nullopt;
    int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::optional<long double> parse_long_double(std::string_view text) {
    if (text.empty() || text.size() >= kMaxFloatChars) return std::nullopt;
    if (std::isspace(static_cast<unsigned char>(text[0])) != 0) return std::nullopt;
    const std::string terminated(text);
    char* stop = nullptr;
    errno = 0;
    const long double value = std::strtold(terminated.c_str(), &stop);
    if (stop != terminated.c_str() + terminated.size() || std::isnan(value)) return std::nullopt;
    if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
    return value;
}

std::optional<double> parse_double(std::string_view text) {
    if (text.empty() || std::isspace(static_cast<unsigned char>(text[0])) != 0) return std::nullopt;
    const std::string terminated(text);
    char* stop = nullptr;
    errno = 0;
    const double value = std::strtod(terminated.c_str(), &stop);
    if (stop != terminated.c_str() + terminated.size() || std::isnan(value)) return std::nullopt;
    if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
    return value;
}

size_t write_int64(char* to, int64_t value) {
    return static_cast<size_t>(std::to_chars(to, to + kMaxInt64Chars, value).ptr - to);
}

std::string format_long_double(long double value) {
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    // 17 decimals: what survives a round trip without showing the noise behind a binary fraction.
    std::string text(kMaxFloatChars, '\0');
    const int length = std::snprintf(text.data(), text.size(), "%.17Lf", value);
    text.resize(static_cast<size_t>(length));
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
    }
    return text == "-0" ? "0" : text;
}

std::string format_double(double value) {
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    if (std::isnan(value)) return "nan";
    return fmt::format("{}", value);
}

}  // namespace tidemark
