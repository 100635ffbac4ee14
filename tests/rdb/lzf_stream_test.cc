#include "rdb/codec/lzf_stream.h"

#include <doctest/doctest.h>
#include <liblzf/lzf.h>

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"

namespace tidemark::rdb {
namespace {

// Unpacks with `portion` packed bytes more at a time, and `wanted` unpacked ones asked for.
// nullopt: damaged.
std::optional<std::string> unpacked(std::string_view packed, size_t size, size_t portion,
                                    size_t wanted) {
    LzfStream stream;
    stream.begin(size);
    std::string out;
    size_t window = 0;  // bytes of `packed` that are there
    while (true) {
        size_t used = 0;
        const LzfStream::State state = stream.unpack(packed.substr(0, window), used, wanted);
        packed.remove_prefix(used);
        window -= used;
        const std::string_view made = stream.output().substr(0, wanted);
        out += made;
        stream.consume(made.size());
        if (state == LzfStream::State::kDamaged) return std::nullopt;
        if (state == LzfStream::State::kDone && stream.output().empty()) break;
        if (state != LzfStream::State::kNeedsInput) continue;
        if (window == packed.size()) return std::nullopt;
        window = std::min(packed.size(), window + portion);
    }
    return packed.empty() ? std::optional(out) : std::nullopt;
}

std::optional<std::string> unpacked_by_liblzf(std::string_view packed, size_t size) {
    std::string out(size, '\0');
    const unsigned made = lzf_decompress(packed.data(), static_cast<unsigned>(packed.size()),
                                         out.data(), static_cast<unsigned>(size));
    if (made != size) return std::nullopt;
    return out;
}

// Text with repetitions near and far.
std::string sample(Random& random, size_t size) {
    std::string text;
    while (text.size() < size) {
        if (text.size() > 10 && random.one_in(3)) {
            const size_t from = text.size() - 1 - random.below(std::min<size_t>(text.size(), 9000));
            text += text.substr(from, random.below(300));
        } else {
            text += static_cast<char>('a' + random.below(26));
        }
    }
    text.resize(size);
    return text;
}

std::string packed_of(std::string_view text) {
    std::string packed(text.size() + text.size() / 16 + 64, '\0');
    packed.resize(lzf_compress(text.data(), static_cast<unsigned>(text.size()), packed.data(),
                               static_cast<unsigned>(packed.size())));
    return packed;
}

}  // namespace

TEST_CASE("rdb/lzf_stream: what liblzf packed comes out, however it is fed and taken") {
    Random random(1);
    for (const size_t size : {30, 1000, 8191, 8192, 8193, 70'000, 400'000}) {
        const std::string text = sample(random, size);
        const std::string packed = packed_of(text);
        REQUIRE_FALSE(packed.empty());
        for (const size_t portion : {1, 7, 100'000}) {
            if (portion == 1 && size > 10'000) continue;
            for (const size_t wanted : {1, 1000, 1'000'000}) {
                if (wanted == 1 && size > 10'000) continue;
                CAPTURE(size);
                CAPTURE(portion);
                CHECK(unpacked(packed, size, portion, wanted) == text);
            }
        }
    }
}

TEST_CASE("rdb/lzf_stream: it refuses what liblzf refuses, and nothing else") {
    Random random(2);
    const std::string text = sample(random, 600);
    const std::string packed = packed_of(text);
    for (int i = 0; i < 20'000; ++i) {
        std::string damaged = packed;
        for (uint64_t left = 1 + random.below(3); left > 0; --left)
            damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
        if (random.one_in(4)) damaged.resize(random.below(damaged.size()) + 1);
        CHECK(unpacked(damaged, 600, 50, 100) == unpacked_by_liblzf(damaged, 600));
    }
}

TEST_CASE("rdb/lzf_stream: more or less than was announced is damage") {
    const std::string text(1000, 'x');
    const std::string packed = packed_of(text);
    CHECK(unpacked(packed, 1000, 100, 100) == text);
    CHECK_FALSE(unpacked(packed, 999, 100, 100));
    CHECK_FALSE(unpacked(packed, 1001, 100, 100));
}

TEST_CASE("rdb/lzf_stream: random bytes never lead out of it") {
    Random random(3);
    for (int i = 0; i < 20'000; ++i) {
        std::vector<unsigned char> noise(1 + random.below(60));
        random.fill(noise);
        const std::string bytes(noise.begin(), noise.end());
        const size_t size = 1 + random.below(300);
        CHECK(unpacked(bytes, size, 1 + random.below(9), 1 + random.below(90)) ==
              unpacked_by_liblzf(bytes, size));
    }
}

}  // namespace tidemark::rdb
