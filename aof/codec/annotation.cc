#include "aof/codec/annotation.h"

#include <cstring>

#include "base/assert.h"
#include "base/crc64.h"
#include "base/number.h"

namespace tidemark::aof {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr std::string_view kTimestampPrefix = "#TS:";

char* write_hex(char* to, uint64_t value) {
    for (int i = 15; i >= 0; --i) {
        to[i] = kHexDigits[value & 15];
        value >>= 4;
    }
    return to + 16;
}

// Sixteen lower-case digits, nothing else: a line has one spelling.
std::optional<uint64_t> read_hex(const char* from) {
    uint64_t value = 0;
    for (int i = 0; i < 16; ++i) {
        const char c = from[i];
        uint64_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<uint64_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<uint64_t>(c - 'a') + 10;
        } else {
            return std::nullopt;
        }
        value = value << 4 | digit;
    }
    return value;
}

}  // namespace

uint64_t seal_crc(std::string_view line, std::string_view body) {
    return crc64(body, crc64(line.substr(0, kSealCheckedBytes)));
}

void write_seal_text(char* to, const Seal& seal) {
    char* const line = to;
    std::memcpy(to, kSealPrefix.data(), kSealPrefix.size());
    to = write_hex(to + kSealPrefix.size(), seal.offset);
    *to++ = ':';
    to = write_hex(to, seal.length);
    *to++ = ':';
    to = write_hex(to, seal.durable);
    *to++ = ':';
    to = write_hex(to, seal.crc);
    *to++ = '\r';
    *to++ = '\n';
    TM_ASSERT(to == line + kSealBytes);
}

void write_seal(char* to, uint64_t offset, uint64_t durable, std::string_view body) {
    write_seal_text(to, {offset, body.size(), durable, 0});
    write_hex(to + kSealCheckedBytes, seal_crc({to, kSealCheckedBytes}, body));
}

std::optional<Seal> parse_seal(std::string_view line) {
    if (line.size() != kSealBytes || line.substr(0, 4) != kSealPrefix) return std::nullopt;
    if (line[20] != ':' || line[37] != ':' || line[54] != ':') return std::nullopt;
    if (line.substr(71) != "\r\n") return std::nullopt;
    const auto offset = read_hex(&line[4]);
    const auto length = read_hex(&line[21]);
    const auto durable = read_hex(&line[38]);
    const auto crc = read_hex(&line[55]);
    if (!offset || !length || !durable || !crc) return std::nullopt;
    return Seal{*offset, *length, *durable, *crc};
}

void append_timestamp(Buffer& out, int64_t unix_seconds) {
    char* to = out.reserve(kTimestampPrefix.size() + kMaxInt64Chars + 2);
    std::memcpy(to, kTimestampPrefix.data(), kTimestampPrefix.size());
    size_t length = kTimestampPrefix.size();
    length += write_int64(to + length, unix_seconds);
    to[length++] = '\r';
    to[length++] = '\n';
    out.commit(length);
}

std::optional<int64_t> parse_timestamp(std::string_view line) {
    if (line.substr(0, kTimestampPrefix.size()) != kTimestampPrefix) return std::nullopt;
    return parse_int64(line.substr(kTimestampPrefix.size()));
}

uint64_t fill_boundary_after(uint64_t offset) {
    return (offset + 3 + kFillLineBytes - 1) / kFillLineBytes * kFillLineBytes;
}

void write_fill(char* out, uint64_t from, uint64_t to) {
    TM_ASSERT(to % kFillLineBytes == 0 && to >= from + 3);
    std::memset(out, '#', to - from);
    for (uint64_t end = fill_boundary_after(from); end <= to; end += kFillLineBytes) {
        out[end - from - 2] = '\r';
        out[end - from - 1] = '\n';
    }
}

void write_inside_of_fill(char* out, uint64_t from, uint64_t to) {
    TM_ASSERT(to % kFillLineBytes == 0);
    std::memset(out, '#', to - from);
    for (uint64_t end = to; end > from; end -= kFillLineBytes) {
        out[end - from - 1] = '\n';
        if (end > from + 1) out[end - from - 2] = '\r';
    }
}

}  // namespace tidemark::aof
