#include "rdb/codec/pack.h"

#include <fmt/format.h>
#include <liblzf/lzf.h>

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "base/assert.h"
#include "base/number.h"

namespace tidemark::rdb {

namespace {

// "-2147483648"
constexpr size_t kInt32CharsMax = 11;

std::optional<int32_t> parse_int32(std::string_view text) {
    if (text.empty() || text.size() > kInt32CharsMax) return std::nullopt;
    if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) return std::nullopt;
    const std::optional<int64_t> value = parse_int64(text);
    if (!value || *value < std::numeric_limits<int32_t>::min() ||
        *value > std::numeric_limits<int32_t>::max()) {
        return std::nullopt;
    }
    return static_cast<int32_t>(*value);
}

void pack_kind(Buffer& out, StringKind kind) {
    pack_byte(out, static_cast<uint8_t>(kLengthSpecial << 6 | static_cast<uint8_t>(kind)));
}

void pack_integer_string(Buffer& out, int32_t value) {
    const auto bits = static_cast<uint32_t>(value);
    if (value == static_cast<int8_t>(value)) {
        pack_kind(out, StringKind::kInt8);
        pack_little_endian(out, bits, 1);
    } else if (value == static_cast<int16_t>(value)) {
        pack_kind(out, StringKind::kInt16);
        pack_little_endian(out, bits, 2);
    } else {
        pack_kind(out, StringKind::kInt32);
        pack_little_endian(out, bits, 4);
    }
}

// Kind, two lengths of five bytes: how far in front of its place the compressor writes.
constexpr size_t kLzfHeadMax = 11;

bool pack_compressed(Buffer& out, std::string_view text) {
    if (text.size() > std::numeric_limits<uint32_t>::max()) return false;
    const size_t room = text.size() - kCompressSavesMin;
    char* const head = out.reserve(kLzfHeadMax + room);
    // The size decides how long the head is, so the bytes come first and are moved up to it.
    char* const packed = head + kLzfHeadMax;
    const unsigned size = lzf_compress(text.data(), static_cast<unsigned>(text.size()), packed,
                                       static_cast<unsigned>(room));
    if (size == 0) return false;
    pack_kind(out, StringKind::kLzf);
    pack_length(out, size);
    pack_length(out, text.size());
    char* const to = out.reserve(size);
    std::memmove(to, packed, size);
    out.commit(size);
    return true;
}

}  // namespace

void pack_little_endian(Buffer& out, uint64_t value, size_t bytes) {
    char* const to = out.reserve(bytes);
    for (size_t i = 0; i < bytes; ++i) to[i] = static_cast<char>(value >> (8 * i) & 0xff);
    out.commit(bytes);
}

void pack_big_endian(Buffer& out, uint64_t value, size_t bytes) {
    char* const to = out.reserve(bytes);
    for (size_t i = 0; i < bytes; ++i) {
        to[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)) & 0xff);
    }
    out.commit(bytes);
}

void pack_length(Buffer& out, uint64_t length) {
    if (length < 1U << 6) {
        pack_byte(out, static_cast<uint8_t>(kLength6 << 6 | length));
    } else if (length < 1U << 14) {
        pack_big_endian(out, uint64_t{kLength14} << 14 | length, 2);
    } else if (length <= std::numeric_limits<uint32_t>::max()) {
        pack_byte(out, kLength32);
        pack_big_endian(out, length, 4);
    } else {
        pack_byte(out, kLength64);
        pack_big_endian(out, length, 8);
    }
}

void pack_string(Buffer& out, std::string_view text, Compression compression) {
    if (const std::optional<int32_t> integer = parse_int32(text)) {
        return pack_integer_string(out, *integer);
    }
    pack_blob(out, text, compression);
}

void pack_blob(Buffer& out, std::string_view bytes, Compression compression) {
    if (compression == Compression::kLzf && bytes.size() >= kCompressFrom &&
        pack_compressed(out, bytes)) {
        return;
    }
    pack_raw_string(out, bytes);
}

void pack_raw_string(Buffer& out, std::string_view bytes) {
    pack_length(out, bytes.size());
    out.append(bytes);
}

void pack_double(Buffer& out, double value) {
    pack_little_endian(out, std::bit_cast<uint64_t>(value), 8);
}

void pack_text_double(Buffer& out, double value) {
    constexpr uint8_t kInfinity = 254;
    constexpr uint8_t kMinusInfinity = 255;
    TM_ASSERT(!std::isnan(value));
    if (std::isinf(value)) return pack_byte(out, value > 0 ? kInfinity : kMinusInfinity);
    const std::string digits = fmt::format("{}", value);  // reads back as the same double
    pack_byte(out, static_cast<uint8_t>(digits.size()));
    out.append(digits);
}

}  // namespace tidemark::rdb
