#include "rdb/codec/pack.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <limits>

#include "base/random.h"
#include "rdb/codec/primitives.h"
#include "tests/rdb/dump.h"

namespace tidemark::rdb {
namespace {

std::string packed(std::string_view text, Compression compression = Compression::kLzf) {
    Buffer out;
    pack_string(out, text, compression);
    return std::string(out.view());
}

std::string unpacked(std::string_view bytes) {
    MemoryInput input(bytes);
    Primitives in(input);
    const auto text = in.string();
    REQUIRE(text);
    CHECK(in.offset() == bytes.size());
    return std::string(*text);
}

std::string length_of(uint64_t length) {
    Buffer out;
    pack_length(out, length);
    return std::string(out.view());
}

std::string text_double(double value) {
    Buffer out;
    pack_text_double(out, value);
    return std::string(out.view());
}

}  // namespace

TEST_CASE("rdb/pack: a length takes the shortest form, and reads back") {
    CHECK(length_of(0) == "\0"_b);
    CHECK(length_of(63) == "\x3f");
    CHECK(length_of(64) == "\x40\x40");
    CHECK(length_of(16383) == "\x7f\xff");
    CHECK(length_of(16384) == "\x80\0\0\x40\0"_b);
    CHECK(length_of(UINT32_MAX) == "\x80\xff\xff\xff\xff");
    CHECK(length_of(uint64_t{1} << 32) == "\x81\0\0\0\1\0\0\0\0"_b);
    for (int shift = 0; shift < 64; ++shift) {
        const uint64_t length = uint64_t{1} << shift;
        const std::string bytes = length_of(length);
        MemoryInput input(bytes);
        CHECK(*Primitives(input).length() == length);
    }
}

TEST_CASE("rdb/pack: text that is the canonical decimal of 32 bits becomes an integer") {
    CHECK(packed("0") == "\xc0\0"_b);
    CHECK(packed("-128") == "\xc0\x80");
    CHECK(packed("128") == "\xc1\x80\0"_b);
    CHECK(packed("-32769") == "\xc2\xff\x7f\xff\xff");
    CHECK(packed("2147483647") == "\xc2\xff\xff\xff\x7f");
    CHECK(packed("-2147483648") == "\xc2\0\0\0\x80"_b);
    for (const char* text : {"-0", "+1", "01", " 1", "1 ", "2147483648", "-2147483649", "", "-"}) {
        const std::string expected = length_of(std::string_view(text).size()) + text;
        CHECK(packed(text) == expected);
    }
}

TEST_CASE("rdb/pack: only a string over 20 bytes that shrinks by 4 is compressed") {
    CHECK(packed(std::string(20, 'a'))[0] == 20);
    CHECK(packed(std::string(21, 'a'))[0] == '\xc3');
    CHECK(packed(std::string(21, 'a'), Compression::kNone)[0] == 21);
    CHECK(packed("abcdefghijklmnopqrstuvwxyz")[0] == 26);
    CHECK(packed(std::string(21, 'a')).size() < 21);
}

TEST_CASE("rdb/pack: strings of every length and texture read back") {
    Random random(7);
    for (size_t length = 0; length < 3000; length += 1 + length / 7) {
        for (const uint64_t letters : {1U, 2U, 8U, 256U}) {
            std::string text;
            while (text.size() < length) text += static_cast<char>(random.below(letters));
            CHECK(unpacked(packed(text)) == text);
            CHECK(unpacked(packed(text, Compression::kNone)) == text);
        }
    }
    const std::string large(3'000'000, 'x');
    CHECK(unpacked(packed(large)) == large);
    CHECK(packed(large).size() < 50'000);
}

TEST_CASE("rdb/pack: a score as text has all its digits") {
    CHECK(text_double(1.5) ==
          "\x03"
          "1.5");
    CHECK(text_double(std::numeric_limits<double>::infinity()) == "\xfe");
    CHECK(text_double(-std::numeric_limits<double>::infinity()) == "\xff");
    for (const double value : {0.1, 1e300, -5e-324, 1.7976931348623157e308, 9007199254740993.0}) {
        const std::string bytes = text_double(value);
        CHECK(std::strtod(bytes.c_str() + 1, nullptr) == value);
    }
}

}  // namespace tidemark::rdb
