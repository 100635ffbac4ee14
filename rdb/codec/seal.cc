#include "rdb/codec/seal.h"

#include <array>
#include <string>

#include "base/crc64.h"

namespace tidemark::rdb {

namespace {

using Numbers = std::array<uint64_t, 6>;

constexpr std::string_view kSealHead = "\xfa\x07tm-seal\x40\x65";
constexpr std::string_view kFooterHead = "\xfa\x07tm-foot\x40\x65";
static_assert(kSealHead.size() == kSealHeadBytes && kFooterHead.size() == kSealHeadBytes);
static_assert(kSealTextBytes == 0x65 && kSealBytes == 112);

using Digits = std::array<char, kSealDigits>;

Digits digits_of(uint64_t number) {
    Digits digits;
    for (size_t i = 0; i < kSealDigits; ++i) {
        digits[kSealDigits - 1 - i] = "0123456789abcdef"[number >> (4 * i) & 15];
    }
    return digits;
}

std::string_view view_of(const Digits& digits) {
    return {digits.data(), digits.size()};
}

std::optional<uint64_t> parse_digits(std::string_view text) {
    uint64_t number = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            number = number << 4 | static_cast<uint64_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            number = number << 4 | static_cast<uint64_t>(c - 'a' + 10);
        } else {
            return std::nullopt;
        }
    }
    return number;
}

void append_numbers(Buffer& out, const Numbers& numbers) {
    for (size_t i = 0; i < numbers.size(); ++i) {
        if (i != 0) out.append(' ');
        out.append(view_of(digits_of(numbers[i])));
    }
}

std::optional<Numbers> parse_numbers(std::string_view text) {
    if (text.size() != kSealTextBytes) return std::nullopt;
    Numbers numbers;
    for (size_t i = 0; i < numbers.size(); ++i) {
        const size_t at = i * (kSealDigits + 1);
        if (i != 0 && text[at - 1] != ' ') return std::nullopt;
        const std::optional<uint64_t> number = parse_digits(text.substr(at, kSealDigits));
        if (!number) return std::nullopt;
        numbers[i] = *number;
    }
    return numbers;
}

// Appends head and numbers; the last number becomes the checksum, which is returned.
uint64_t append_field(Buffer& out, std::string_view head, Numbers numbers, uint64_t crc_before) {
    const size_t begin = out.size();
    out.append(head);
    append_numbers(out, numbers);
    out.shorten(begin + kSealCheckedBytes);
    const uint64_t crc = crc64(out.view().substr(begin), crc_before);
    out.append(view_of(digits_of(crc)));
    return crc;
}

Numbers numbers_of(const Segment& segment) {
    return {segment.end, segment.end - segment.begin, segment.keys, segment.db, segment.next_db,
            segment.crc};
}

}  // namespace

uint64_t Segment::checksum() const {
    return crc64(view_of(digits_of(crc)), crc);
}

std::string_view seal_head() {
    return kSealHead;
}

Segment append_seal(Buffer& out, Segment segment, uint64_t crc_before) {
    segment.crc = append_field(out, kSealHead, numbers_of(segment), crc_before);
    return segment;
}

void append_seal_text(Buffer& out, const Segment& segment) {
    append_numbers(out, numbers_of(segment));
}

void append_footer(Buffer& out, Footer footer, uint64_t crc_before) {
    append_field(
        out, kFooterHead,
        {footer.offset, footer.index_bytes, footer.segments, footer.keys, footer.format, 0},
        crc_before);
}

std::optional<Segment> parse_seal_text(std::string_view text) {
    const std::optional<Numbers> numbers = parse_numbers(text);
    if (!numbers) return std::nullopt;
    const auto [offset, length, keys, db, next_db, crc] = *numbers;
    if (length > offset || offset > UINT64_MAX - kSealBytes) return std::nullopt;
    return Segment{offset - length, offset, keys, db, next_db, crc};
}

std::optional<Footer> parse_footer_text(std::string_view text) {
    const std::optional<Numbers> numbers = parse_numbers(text);
    if (!numbers) return std::nullopt;
    const auto [offset, index_bytes, segments, keys, format, crc] = *numbers;
    if (index_bytes > offset || offset > UINT64_MAX - kSealBytes) return std::nullopt;
    return Footer{offset, index_bytes, segments, keys, format, crc};
}

std::optional<Segment> parse_moved_seal(std::string_view field) {
    if (field.size() != kSealBytes || !field.starts_with(kSealHead)) return std::nullopt;
    return parse_seal_text(field.substr(kSealHeadBytes));
}

std::optional<Footer> parse_moved_footer(std::string_view field) {
    if (field.size() != kSealBytes || !field.starts_with(kFooterHead)) return std::nullopt;
    return parse_footer_text(field.substr(kSealHeadBytes));
}

std::optional<Segment> parse_seal(std::string_view field, uint64_t offset) {
    const std::optional<Segment> segment = parse_moved_seal(field);
    return segment && segment->end == offset ? segment : std::nullopt;
}

std::optional<Footer> parse_footer(std::string_view field, uint64_t offset) {
    const std::optional<Footer> footer = parse_moved_footer(field);
    return footer && footer->offset == offset ? footer : std::nullopt;
}

}  // namespace tidemark::rdb
