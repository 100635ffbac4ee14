#include "rdb/codec/primitives.h"

#include <fmt/format.h>
#include <liblzf/lzf.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "rdb/codec/format.h"

namespace tidemark::rdb {

namespace {

uint64_t big_endian(std::string_view bytes) {
    uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
    return value;
}

uint64_t little_endian(std::string_view bytes) {
    uint64_t value = 0;
    for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    return value;
}

}  // namespace

// Smaller types are sign-extended by the conversion of their unsigned bits.
template <class T>
Result<T> Primitives::integer() {
    return static_cast<T>(little_endian(TM_TRY(source_.take(sizeof(T)))));
}

Result<int32_t> Primitives::int32() {
    return integer<int32_t>();
}

Result<int64_t> Primitives::int64() {
    return integer<int64_t>();
}

Result<uint64_t> Primitives::length_after(uint8_t first, uint64_t begin) {
    switch (first >> 6) {
        case kLength6:
            return static_cast<uint64_t>(first & 63);
        case kLength14:
            return static_cast<uint64_t>(first & 63) << 8 | TM_TRY(source_.byte());
        default:
            break;
    }
    if (first == kLength32) return big_endian(TM_TRY(source_.take(4)));
    if (first == kLength64) return big_endian(TM_TRY(source_.take(8)));
    return fail(ErrorCode::kCorrupt, fmt::format("0x{:02x} does not begin a length", first), begin);
}

Result<uint64_t> Primitives::length() {
    const uint64_t begin = offset();
    const uint8_t first = TM_TRY(source_.byte());
    return length_after(first, begin);
}

Result<std::string_view> Primitives::string() {
    const uint64_t begin = offset();
    const uint8_t first = TM_TRY(source_.byte());
    if (first >> 6 == kLengthSpecial) return encoded_string(first & 63, begin);
    const uint64_t length = TM_TRY(length_after(first, begin));
    return source_.take(length);
}

Result<std::string_view> Primitives::encoded_string(uint8_t kind, uint64_t begin) {
    switch (static_cast<StringKind>(kind)) {
        case StringKind::kInt8:
            return digits_of(TM_TRY(integer<int8_t>()));
        case StringKind::kInt16:
            return digits_of(TM_TRY(integer<int16_t>()));
        case StringKind::kInt32:
            return digits_of(TM_TRY(integer<int32_t>()));
        case StringKind::kLzf:
            return compressed_string(begin);
    }
    return fail(ErrorCode::kCorrupt, fmt::format("there is no string encoding {}", kind), begin);
}

Result<std::string_view> Primitives::compressed_string(uint64_t begin) {
    const uint64_t packed = TM_TRY(length());
    const uint64_t unpacked = TM_TRY(length());
    const std::string_view bytes = TM_TRY(source_.take(packed));
    constexpr uint64_t kMax = std::numeric_limits<unsigned>::max();
    if (unpacked == 0 || unpacked > kMax || packed > kMax || unpacked / kLzfGrowthMax > packed) {
        return fail(ErrorCode::kCorrupt,
                    fmt::format("{} compressed bytes cannot stand for {}", packed, unpacked),
                    begin);
    }
    unpacked_.clear();
    char* to = unpacked_.reserve(unpacked);
    const unsigned made = lzf_decompress(bytes.data(), static_cast<unsigned>(packed), to,
                                         static_cast<unsigned>(unpacked));
    if (made != unpacked) {
        return fail(ErrorCode::kCorrupt, "a compressed string cannot be unpacked", begin);
    }
    return std::string_view(to, unpacked);
}

std::string printable(std::string_view bytes) {
    constexpr size_t kMaxShown = 64;
    std::string text;
    for (const char c : bytes.substr(0, kMaxShown)) {
        if (c >= ' ' && c <= '~' && c != '\\') {
            text += c;
        } else {
            text += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
        }
    }
    if (bytes.size() > kMaxShown) text += "...";
    return text;
}

}  // namespace tidemark::rdb
