#include "rdb/codec/legacy/ziplist.h"

#include "engine/encoding/little_endian.h"

namespace tidemark::rdb::legacy {

namespace {

using encoding::load_int24;
using encoding::load_le;

constexpr uint8_t kLongBefore = 0xfe;
constexpr uint8_t kInt16 = 0xc0;
constexpr uint8_t kInt32 = 0xd0;
constexpr uint8_t kInt64 = 0xe0;
constexpr uint8_t kInt24 = 0xf0;
constexpr uint8_t kInt8 = 0xfe;
constexpr uint8_t kFirstSmall = 0xf1;
constexpr uint8_t kLastSmall = 0xfd;

uint8_t byte_at(const char* at) {
    return static_cast<uint8_t>(*at);
}

size_t big_endian_32(const char* at) {
    return __builtin_bswap32(load_le<uint32_t>(at));
}

// The rest of an entry whose encoding byte is at `at`, `prefix` bytes in.
struct Rest {
    size_t size = 0;  // of encoding with integer or length
    size_t body = 0;
    int64_t integer = 0;
    bool is_integer = false;
};

Rest integer_rest(size_t size, size_t available, const char* at, int64_t (*load)(const char*)) {
    if (available < size) return {};
    return {size, 0, load(at + 1), true};
}

Rest parse_encoding(const char* at, size_t available) {
    if (available == 0) return {};
    const uint8_t first = byte_at(at);
    switch (first >> 6) {
        case 0:
            return {1, first, 0, false};
        case 1:
            if (available < 2) return {};
            return {2, (first & size_t{63}) << 8 | byte_at(at + 1), 0, false};
        case 2:
            if (available < 5) return {};
            return {5, big_endian_32(at + 1), 0, false};
        default:
            break;
    }
    if (first >= kFirstSmall && first <= kLastSmall) return {1, 0, first - kFirstSmall, true};
    switch (first) {
        case kInt8:
            return integer_rest(2, available, at,
                                [](const char* p) -> int64_t { return load_le<int8_t>(p); });
        case kInt16:
            return integer_rest(3, available, at,
                                [](const char* p) -> int64_t { return load_le<int16_t>(p); });
        case kInt24:
            return integer_rest(4, available, at,
                                [](const char* p) -> int64_t { return load_int24(p); });
        case kInt32:
            return integer_rest(5, available, at,
                                [](const char* p) -> int64_t { return load_le<int32_t>(p); });
        case kInt64:
            return integer_rest(9, available, at,
                                [](const char* p) { return load_le<int64_t>(p); });
        default:
            return {};
    }
}

}  // namespace

ZiplistHead parse_ziplist_head(const char* at, size_t available) {
    if (available == 0 || byte_at(at) == kZiplistEnd) return {};
    size_t prefix = 1;
    uint64_t before = byte_at(at);
    if (before == kLongBefore) {
        prefix = 5;
        if (available < prefix) return {};
        before = load_le<uint32_t>(at + 1);
    }
    const Rest rest = parse_encoding(at + prefix, available - prefix);
    if (rest.size == 0) return {};
    return {prefix + rest.size, rest.body, before, rest.integer, rest.is_integer};
}

}  // namespace tidemark::rdb::legacy
