#include "engine/encoding/listpack.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "base/random.h"

namespace tidemark::encoding {
namespace {

using Texts = std::vector<std::string>;

std::string built(const Texts& texts) {
    ListpackBuilder builder;
    for (const std::string& text : texts) builder.append(text);
    return std::string(builder.finish());
}

Texts texts_of(std::string_view bytes) {
    Texts texts;
    Digits digits;
    const Listpack pack(bytes);
    for (const PackedValue& value : pack) texts.emplace_back(value.text(digits));
    return texts;
}

// Every encoding, at the borders of its range.
Texts all_encodings() {
    Texts texts = {"", "a", "007", "-0", std::string(63, 'b'), std::string(64, 'c')};
    for (const size_t length : {126, 127, 4095, 4096, 16379, 16380, 16381, 16383, 70'000})
        texts.emplace_back(length, 'd');
    for (const int bits : {7, 12, 15, 23, 31, 62}) {
        const int64_t power = int64_t{1} << bits;
        for (const int64_t value : {power - 1, power, -power, -power - 1})
            texts.push_back(std::to_string(value));
    }
    texts.push_back(std::to_string(std::numeric_limits<int64_t>::min()));
    texts.push_back(std::to_string(std::numeric_limits<int64_t>::max()));
    return texts;
}

std::string message_of(std::string_view bytes) {
    const auto count = check_listpack(bytes);
    return count ? "sound" : count.error().what;
}

}  // namespace

TEST_CASE("encoding/listpack: an empty one is seven bytes") {
    const std::string bytes = built({});
    CHECK(bytes == std::string("\x07\0\0\0\0\0\xff", 7));
    CHECK(check_listpack(bytes) == 0);
    CHECK(texts_of(bytes).empty());
}

TEST_CASE("encoding/listpack: the bytes are Redis's") {
    // The hash that redis-server 7.0.15 dumped, without the head of the payload.
    const std::string_view expected(
        "\x3a\0\0\0\x0c\0\x01\x01\x82\x61\x62\x03\xdf\xff\x02\xc3\xe8\x02\xf2\x70\x11\x01\x04"
        "\xf4\x00\xf2\x05\x2a\x01\0\0\0\x09\x81\x78\x02\xf1\xff\xef\x03\x81\x79\x02\xf2\xff\xff\x7f"
        "\x04\x81\x7a\x02\xf3\x00\x00\x80\x00\x05\xff",
        58);
    CHECK(built({"1", "ab", "-1", "1000", "70000", "5000000000", "x", "-4097", "y", "8388607", "z",
                 "8388608"}) == expected);
}

TEST_CASE("encoding/listpack: what was appended comes back, in every encoding") {
    const Texts texts = all_encodings();
    const std::string bytes = built(texts);
    CHECK(check_listpack(bytes) == texts.size());
    CHECK(texts_of(bytes) == texts);
    CHECK(Listpack(bytes).count() == texts.size());
}

TEST_CASE("encoding/listpack: canonical integers are stored as integers, other digits as text") {
    CHECK(Listpack(built({"12345"})).begin()->is_integer);
    CHECK_FALSE(Listpack(built({"012345"})).begin()->is_integer);
    CHECK_FALSE(Listpack(built({"9223372036854775808"})).begin()->is_integer);
}

TEST_CASE("encoding/listpack: appending goes on after it was finished") {
    ListpackBuilder builder;
    builder.append("a");
    CHECK(texts_of(builder.finish()) == Texts{"a"});
    const size_t size = builder.size();
    builder.append_integer(5);
    CHECK(texts_of(builder.finish()) == Texts{"a", "5"});
    CHECK(builder.size() == size + 2);
    CHECK(builder.finish().size() == builder.size());
    builder.clear();
    CHECK(builder.count() == 0);
    CHECK(check_listpack(builder.finish()) == 0);
}

TEST_CASE("encoding/listpack: more elements than its count can say are counted by walking") {
    ListpackBuilder builder;
    for (int i = 0; i < 65'534; ++i) builder.append_integer(1);
    CHECK(builder.finish().substr(4, 2) == "\xfe\xff");
    builder.append_integer(1);
    builder.append_integer(1);
    CHECK(builder.finish().substr(4, 2) == "\xff\xff");
    CHECK(check_listpack(builder.finish()) == 65'536);
    CHECK(Listpack(builder.finish()).count() == 65'536);
}

TEST_CASE("encoding/listpack: each part of its frame is checked") {
    std::string bytes = built({"a", "b"});
    bytes[0] = 14;
    CHECK(message_of(bytes) == "the listpack says that it has 14 bytes, and has 13");
    bytes = built({"a", "b"});
    bytes[4] = 3;
    CHECK(message_of(bytes) == "the listpack says that it has 3 elements, and has 2");
    bytes = built({"a", "b"});
    bytes.back() = '\0';
    CHECK(message_of(bytes) == "the listpack does not end with its terminator");
    bytes = built({"a", "b"});
    bytes[8] = 1;
    CHECK(message_of(bytes) == "an element's backlen is not its length");
    bytes = built({"a", "b"});
    bytes[9] = static_cast<char>(0xbf);
    CHECK(message_of(bytes) == "an element crosses the listpack's end");
    CHECK(message_of("") == "a listpack of 0 bytes has no room for its header");
}

TEST_CASE("encoding/listpack: bytes that begin no element are refused") {
    for (int first = 0xf5; first <= 0xff; ++first) {
        CAPTURE(first);
        std::string bytes = built({"abc"});
        bytes[6] = static_cast<char>(first);
        CHECK_FALSE(check_listpack(bytes));
    }
}

TEST_CASE("encoding/listpack: a backlen must be there in full and canonical") {
    for (const size_t length : {125, 126, 16'379, 16'380, 16'381, 2'097'141, 2'097'150}) {
        CAPTURE(length);
        std::string bytes = built({std::string(length, 'x')});
        REQUIRE(check_listpack(bytes) == 1);
        bytes[bytes.size() - 2] = static_cast<char>(bytes[bytes.size() - 2] ^ 0x80);
        CHECK_FALSE(check_listpack(bytes));
    }
}

TEST_CASE("encoding/listpack: cut anywhere it is refused") {
    const std::string bytes = built({"a", "-1", "4000", "text", "123456789012", "70000"});
    for (size_t length = 0; length < bytes.size(); ++length) {
        std::string cut = bytes.substr(0, length);
        CHECK_FALSE(check_listpack(cut));
        // Under a fitting frame too.
        if (cut.size() < 7) continue;
        cut[0] = static_cast<char>(cut.size());
        cut.back() = '\xff';
        CHECK_FALSE(check_listpack(cut));
    }
}

TEST_CASE("encoding/listpack: a flipped bit is refused, or changes a value alone") {
    const Texts texts = {"a", "-1", "4000", "text", "123456789012", "70000", std::string(200, 'x')};
    const std::string bytes = built(texts);
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        const auto count = check_listpack(damaged);
        if (count) CHECK(texts_of(damaged).size() == texts.size());
    }
}

TEST_CASE("encoding/listpack: random bytes never lead out of it") {
    Random random(1);
    for (int i = 0; i < 50'000; ++i) {
        std::vector<unsigned char> noise(7 + random.below(40));
        random.fill(noise);
        std::string bytes(noise.begin(), noise.end());
        bytes.replace(0, 4, {static_cast<char>(bytes.size()), 0, 0, 0});
        bytes.replace(4, 2, "\xff\xff");
        bytes.back() = '\xff';
        bytes.shrink_to_fit();
        const auto count = check_listpack(bytes);
        if (count) CHECK(texts_of(bytes).size() == *count);
    }
}

}  // namespace tidemark::encoding
