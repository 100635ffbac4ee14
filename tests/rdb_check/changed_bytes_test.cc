#include "tools/rdb_check/changed_bytes.h"

#include <doctest/doctest.h>

#include <string>

#include "base/crc64.h"
#include "base/random.h"

namespace tidemark::rdb_check {
namespace {

std::string random_bytes(Random& random, size_t size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    return bytes;
}

// `bytes` end with their little-endian checksum, and were changed.
std::string mended(const std::string& bytes) {
    const uint64_t length = bytes.size() - 8;
    uint64_t stored = 0;
    for (size_t i = 8; i-- > 0;) stored = stored << 8 | static_cast<uint8_t>(bytes[length + i]);
    const auto change =
        locate_change(crc64(std::string_view(bytes).substr(0, length)) ^ stored, length);
    if (!change) return {};
    rdb::MemoryInput input(bytes);
    MendedInput mended(input);
    mended.mend(*change);
    std::string result(bytes.size(), '\0');
    CHECK(mended.read_at(result.data(), result.size(), 0));
    return result;
}

std::string with_crc(std::string bytes) {
    uint64_t crc = crc64(bytes);
    for (int i = 0; i < 8; ++i, crc >>= 8) bytes += static_cast<char>(crc & 255);
    return bytes;
}

TEST_CASE("rdb_check/changed_bytes: any one byte is found and put right, the checksum's own too") {
    Random random(1);
    const std::string whole = with_crc(random_bytes(random, 1000));
    for (size_t at = 0; at < whole.size(); ++at) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random.below(255)));
        CHECK(mended(bytes) == whole);
    }
}

TEST_CASE("rdb_check/changed_bytes: so are up to three in a row") {
    Random random(2);
    const std::string whole = with_crc(random_bytes(random, 300'000));
    for (int round = 0; round < 30; ++round) {
        std::string bytes = whole;
        const size_t at = random.below(bytes.size() - 12);
        const std::string change = random_bytes(random, 1 + random.below(3));
        if (bytes.compare(at, change.size(), change) == 0) continue;
        bytes.replace(at, change.size(), change);
        CHECK(mended(bytes) == whole);
    }
}

TEST_CASE("rdb_check/changed_bytes: other damage is not taken for a change of few bytes") {
    Random random(3);
    const std::string whole = with_crc(random_bytes(random, 100'000));
    for (int round = 0; round < 30; ++round) {
        std::string two_places = whole;
        two_places[random.below(50'000)] ^= 1;
        two_places[50'000 + random.below(50'000)] ^= 1;
        CHECK(mended(two_places).empty());
        std::string zeroed = whole;
        zeroed.replace(random.below(90'000), 512, 512, '\0');
        CHECK(mended(zeroed).empty());
    }
}

TEST_CASE("rdb_check/changed_bytes: the larger the file, the fewer bytes in a row are believed") {
    CHECK_FALSE(locate_change(1, uint64_t{1} << 37));
    CHECK_FALSE(locate_change(0, 100));
}

}  // namespace
}  // namespace tidemark::rdb_check
