#include "base/number.h"

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

// The shortest digits that read back as `value`, with a point or an exponent as Redis 7.2 and later
// place them: a whole number while it needs fewer than seven zeros, a fraction while it has at most
// six decimals or is within 1e-3 and 1e4, else d.ddde+dd.
std::string spell_double(double value) {
    std::array<char, 32> scientific{};
    const char* const end = std::to_chars(scientific.data(), scientific.data() + scientific.size(),
                                          std::fabs(value), std::chars_format::scientific)
                                .ptr;
    const std::string_view text(scientific.data(), static_cast<size_t>(end - scientific.data()));
    const size_t e = text.find('e');
    std::string digits(text.substr(0, 1));
    if (e > 2) digits.append(text.substr(2, e - 2));
    const int exponent = std::atoi(scientific.data() + e + 1);
    const int count = static_cast<int>(digits.size());
    const int zeros = exponent - count + 1;  // behind the digits, or minus the decimals

    std::string spelt(value < 0 ? "-" : "");
    if (zeros >= 0 && exponent < count + 7) {
        spelt.append(digits).append(static_cast<size_t>(zeros), '0');
    } else if (zeros < 0 && (zeros > -7 || std::abs(exponent) < 4)) {
        if (exponent < 0) {
            spelt.append("0.").append(static_cast<size_t>(-exponent - 1), '0').append(digits);
        } else {
            const auto whole = static_cast<size_t>(exponent + 1);
            spelt.append(digits, 0, whole).append(".").append(digits, whole);
        }
    } else {
        spelt.append(digits, 0, 1);
        if (count > 1) spelt.append(".").append(digits, 1);
        spelt.append(exponent < 0 ? "e-" : "e+").append(std::to_string(std::abs(exponent)));
    }
    return spelt;
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
    std::array<char, kMaxFloatChars> room;
    const int length = std::snprintf(room.data(), room.size(), "%.17Lf", value);
    std::string text(room.data(), static_cast<size_t>(length));
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
    }
    return text == "-0" ? "0" : text;
}

std::string format_double(double value) {
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    if (std::isnan(value)) return "nan";
    if (value == 0) return std::signbit(value) ? "-0" : "0";
    // Whole numbers that surely fit an int64 are written as one.
    constexpr double kSurelyInt64 = 4.6e18;
    if (std::fabs(value) < kSurelyInt64 && value == std::trunc(value)) {
        std::array<char, kMaxInt64Chars> digits{};
        return {digits.data(), write_int64(digits.data(), static_cast<int64_t>(value))};
    }
    return spell_double(value);
}

}  // namespace tidemark
