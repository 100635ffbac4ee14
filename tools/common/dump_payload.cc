#include "tools/common/dump_payload.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/crc64.h"
#include "rdb/codec/format.h"

namespace tidemark::tools {

namespace {

constexpr size_t kVersionBytes = 2;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kShortest = 1 + 1 + kVersionBytes + kChecksumBytes;

uint64_t little_endian(std::string_view bytes) {
    uint64_t value = 0;
    for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    return value;
}

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

char unescaped(char c) {
    constexpr std::string_view kNames = "nrtab";
    constexpr std::string_view kBytes = "\n\r\t\a\b";
    const size_t i = kNames.find(c);
    return i == std::string_view::npos ? c : kBytes[i];
}

// What stands between redis-cli's quotes.
Result<std::string> unquote(std::string_view text) {
    std::string bytes;
    for (size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') return bytes;
        if (text[i] != '\\' || i + 1 == text.size()) {
            bytes += text[i];
            continue;
        }
        ++i;
        if (text[i] == 'x' && i + 2 < text.size()) {
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return fail(ErrorCode::kInvalid, "\\x wants two digits", i);
            bytes += static_cast<char>(high << 4 | low);
            i += 2;
        } else {
            bytes += unescaped(text[i]);
        }
    }
    return fail(ErrorCode::kInvalid, "the closing quote is missing");
}

uint64_t stored_checksum(std::string_view payload) {
    return little_endian(payload.substr(payload.size() - kChecksumBytes));
}

uint64_t real_checksum(std::string_view payload) {
    return crc64(payload.substr(0, payload.size() - kChecksumBytes));
}

bool is_summed(std::string_view payload) {
    return payload.size() >= kShortest && stored_checksum(payload) == real_checksum(payload);
}

}  // namespace

Result<std::string> payload_of_text(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (text.starts_with('"')) return unquote(text);
    std::string bytes;
    size_t digits = 0;
    for (const char c : text) {
        if (is_space(c)) continue;
        const int digit = hex_digit(c);
        if (digit < 0) {
            return fail(ErrorCode::kInvalid,
                        "this is neither hexadecimal nor quoted; --dump takes "
                        "bytes as they are");
        }
        if (digits++ % 2 == 0) {
            bytes += static_cast<char>(digit << 4);
        } else {
            bytes.back() = static_cast<char>(bytes.back() | digit);
        }
    }
    if (digits % 2 != 0) {
        return fail(ErrorCode::kInvalid, "the number of hexadecimal digits is odd");
    }
    return bytes;
}

Result<std::string> dump_of_payload(std::string_view payload) {
    // Into a file, redis-cli writes the bytes and a newline.
    if (payload.ends_with('\n') && is_summed(payload.substr(0, payload.size() - 1)))
        payload.remove_suffix(1);
    const std::string_view advice = !is_summed(payload) && payload_of_text(payload)
                                        ? ", but it is text: --dump-hex takes what redis-cli prints"
                                        : "";
    if (payload.size() < kShortest) {
        return fail(ErrorCode::kCorrupt,
                    fmt::format("this is too short for a DUMP payload{}", advice));
    }
    const std::string_view summed = payload.substr(0, payload.size() - kChecksumBytes);
    const std::string_view value = summed.substr(1, summed.size() - 1 - kVersionBytes);
    const uint64_t version = little_endian(summed.substr(summed.size() - kVersionBytes));
    if (!is_summed(payload) && stored_checksum(payload) != 0) {
        return fail(ErrorCode::kCorrupt,
                    fmt::format("the DUMP payload's checksum does not fit{}", advice));
    }
    std::string dump = version == rdb::kValkeyVersion ? fmt::format("VALKEY{:03}", version)
                                                      : fmt::format("REDIS{:04}", version % 10'000);
    dump += payload[0];
    dump += static_cast<char>(kPayloadKey.size());
    dump += kPayloadKey;
    dump += value;
    dump += '\xff';
    uint64_t crc = crc64(dump);
    for (size_t i = 0; i < kChecksumBytes; ++i, crc >>= 8) dump += static_cast<char>(crc & 0xff);
    return dump;
}

}  // namespace tidemark::tools
