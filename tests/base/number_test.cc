#include "base/number.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "base/random.h"

using namespace tidemark;

namespace {

std::string written(int64_t value) {
    char digits[kMaxInt64Chars];
    return std::string(digits, write_int64(digits, value));
}

}  // namespace

TEST_CASE("base/number: int64 is parsed to its last value and refused beyond") {
    CHECK(parse_int64("0") == 0);
    CHECK(parse_int64("-1") == -1);
    CHECK(parse_int64("9223372036854775807") == std::numeric_limits<int64_t>::max());
    CHECK(parse_int64("-9223372036854775808") == std::numeric_limits<int64_t>::min());
    CHECK_FALSE(parse_int64("9223372036854775808"));
    CHECK_FALSE(parse_int64("-9223372036854775809"));
    CHECK_FALSE(parse_int64("99999999999999999999999999"));
    CHECK(parse_uint64("18446744073709551615") == std::numeric_limits<uint64_t>::max());
    CHECK_FALSE(parse_uint64("18446744073709551616"));
    CHECK_FALSE(parse_uint64("-1"));
}

TEST_CASE("base/number: only the canonical spelling of an integer is one") {
    for (const char* text :
         {"", "-", "+1", " 1", "1 ", "01", "-0", "-01", "00", "1.0", "1e3", "0x10", "1a", "--1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_int64(text));
    }
    CHECK_FALSE(parse_int64(std::string_view("1\0", 2)));
}

TEST_CASE("base/number: what write_int64 writes, parse_int64 reads") {
    Random random(3);
    for (int i = 0; i < 10'000; ++i) {
        const auto value = static_cast<int64_t>(random.next() >> random.below(64));
        REQUIRE(parse_int64(written(value)) == value);
        REQUIRE(parse_int64(written(-value)) == -value);
    }
    CHECK(written(std::numeric_limits<int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("base/number: floats are taken as strtold takes them, NaN and blanks refused") {
    CHECK(parse_long_double("3.0e3") == 3000.0L);
    CHECK(parse_long_double("-.5") == -0.5L);
    CHECK(parse_long_double("0x10") == 16.0L);
    CHECK(parse_long_double("inf") == std::numeric_limits<long double>::infinity());
    CHECK(parse_double("-Infinity") == -std::numeric_limits<double>::infinity());
    for (const char* text : {"", " 1", "1 ", "nan", "1x", "1e99999", "1e-99999", "--1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_long_double(text));
        CHECK_FALSE(parse_double(text));
    }
    CHECK_FALSE(parse_long_double(std::string_view("1\0", 2)));
    CHECK_FALSE(parse_long_double(std::string(6000, '1')));
}

TEST_CASE("base/number: INCRBYFLOAT's form has no noise and no trailing zeros") {
    CHECK(format_long_double(10.6L) == "10.6");
    CHECK(format_long_double(5000.0L) == "5000");
    CHECK(format_long_double(3.0L) == "3");
    CHECK(format_long_double(-0.0L) == "0");
    CHECK(format_long_double(1e-18L) == "0");
    CHECK(format_long_double(100.0L) == "100");
    CHECK(format_long_double(-1.5L) == "-1.5");
    CHECK(format_long_double(0.1L + 0.2L) == "0.3");
    CHECK(format_long_double(1e20L) == "100000000000000000000");
}

TEST_CASE("base/number: doubles have the form of Redis 7.2 and later") {
    const std::pair<double, const char*> rows[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {-17.0, "-17"},
        {3.14, "3.14"},
        {0.1, "0.1"},
        {0.30000000000000004, "0.30000000000000004"},
        {1e15, "1000000000000000"},
        {1e18, "1000000000000000000"},
        {1e20, "1e+20"},
        {1.5e300, "1.5e+300"},
        {123456789012345678901.0, "123456789012345680000"},
        {0.000001, "0.000001"},
        {1e-7, "1e-7"},
        {1.25e-9, "1.25e-9"},
        {-2.5e-101, "-2.5e-101"},
        {1e100, "1e+100"},
        {1e105, "1e+105"},
        {1234.5678, "1234.5678"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "nan"},
    };
    for (const auto& [value, text] : rows) CHECK(format_double(value) == text);
}

TEST_CASE("base/number: a formatted double reads back as the same double") {
    Random random(5);
    for (int i = 0; i < 20'000; ++i) {
        const auto mantissa = static_cast<double>(static_cast<int64_t>(random.next()));
        const double value = std::ldexp(mantissa, static_cast<int>(random.below(400)) - 250);
        REQUIRE(parse_double(format_double(value)) == value);
    }
}
