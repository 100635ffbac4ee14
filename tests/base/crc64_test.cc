#include "base/crc64.h"

#include <doctest/doctest.h>

#include <string>

using tidemark::crc64;
using tidemark::crc64_combine;

namespace {

// The definition, bit by bit: reflected polynomial ad93d23594c935a9.
uint64_t crc64_by_definition(std::string_view bytes) {
    uint64_t crc = 0;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x95ac9329ac4bc9b5U : crc >> 1;
        }
    }
    return crc;
}

}  // namespace

TEST_CASE("base/crc64: the check value is Redis's") {
    CHECK(crc64("123456789") == 0xe9c6d914c4b8d9caU);
    CHECK(crc64("") == 0);
}

TEST_CASE("base/crc64: every length agrees with the definition") {
    std::string text;
    for (int i = 0; i < 300; ++i) {
        REQUIRE(crc64(text) == crc64_by_definition(text));
        text.push_back(static_cast<char>(i * 31));
    }
}

TEST_CASE("base/crc64: it goes on from where it stopped, at any cut") {
    const std::string text("the quick brown fox jumps over the lazy dog, twice over");
    for (size_t cut = 0; cut <= text.size(); ++cut) {
        const std::string_view all(text);
        CHECK(crc64(all.substr(cut), crc64(all.substr(0, cut))) == crc64(text));
    }
}

TEST_CASE("base/crc64: two sums combine to that of the whole, at any cut") {
    const std::string text("the quick brown fox jumps over the lazy dog, twice over");
    for (size_t cut = 0; cut <= text.size(); ++cut) {
        const std::string_view a = std::string_view(text).substr(0, cut);
        const std::string_view b = std::string_view(text).substr(cut);
        CHECK(crc64_combine(crc64(a), crc64(b), b.size()) == crc64(text));
        CHECK((crc64(text) ^ crc64_combine(crc64(a), 0, b.size())) == crc64(b));
    }
}

TEST_CASE("base/crc64: a long second piece combines like a short one") {
    const std::string a("head");
    const std::string b(3'000'001, 'b');
    CHECK(crc64_combine(crc64(a), crc64(b), b.size()) == crc64(b, crc64(a)));
    // 2^62 bytes, in two steps of half of that.
    const uint64_t half = crc64_combine(crc64(a), 0, uint64_t{1} << 61);
    CHECK(crc64_combine(half, 0, uint64_t{1} << 61) ==
          crc64_combine(crc64(a), 0, uint64_t{1} << 62));
}
