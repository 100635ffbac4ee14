#include "rdb/codec/primitives.h"

#include <fmt/format.h>
#include <liblzf/lzf.h>

#include <algorithm>
#include <bit>
#include <cstring>

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

Result<double> Primitives::binary_double() {
    return std::bit_cast<double>(TM_TRY(integer<uint64_t>()));
}

tl::unexpected<Error> Primitives::bad(FindingCode code, uint64_t begin, std::string what,
                                      std::optional<ServerDoes> server) {
    finding_.emplace();
    finding_->code = code;
    finding_->begin = begin;
    finding_->end = std::max(begin, offset());
    finding_->what = what;
    // A string that cannot be unpacked is seen by every server.
    const bool is_unseen = looks_ == ServerLooks::kNo && code != FindingCode::kBadString;
    finding_->server = is_unseen && !server ? ServerDoes::kLoadsUnseen : server;
    const bool is_unsupported =
        code == FindingCode::kUnsupported || code == FindingCode::kVersionUnknown;
    const ErrorCode error = is_unsupported ? ErrorCode::kUnsupported : ErrorCode::kCorrupt;
    return fail(error, std::move(what), begin);
}

Result<uint64_t> Primitives::length_after(uint8_t first, uint64_t begin) {
    uint64_t value = first & 63;
    uint64_t least = 0;  // that needs this form
    switch (first >> 6) {
        case kLength6:
            return value;
        case kLength14:
            value = value << 8 | TM_TRY(source_.byte());
            least = 64;
            break;
        default:
            if (first == kLength32) {
                value = big_endian(TM_TRY(source_.take(4)));
                least = 1 << 14;
            } else if (first == kLength64) {
                value = big_endian(TM_TRY(source_.take(8)));
                least = uint64_t{1} << 32;
            } else {
                return bad(FindingCode::kBadLength, begin,
                           fmt::format("0x{:02x} does not begin a length", first));
            }
    }
    if (value < least) ++noncanonical_;
    return value;
}

Result<uint64_t> Primitives::length() {
    const uint64_t begin = offset();
    const uint8_t first = TM_TRY(source_.byte());
    return length_after(first, begin);
}

Result<uint64_t> Primitives::length_below_max() {
    const uint64_t begin = offset();
    const uint64_t value = TM_TRY(length());
    if (value != UINT64_MAX) return value;
    return bad(FindingCode::kBadLength, begin,
               fmt::format("{} is what stands for a length that cannot be read", value));
}

Result<uint64_t> Primitives::count(uint64_t least_bytes) {
    const uint64_t begin = offset();
    const uint64_t count = TM_TRY(length());
    const uint64_t left = source_.remaining();
    if (count <= left / least_bytes) return count;
    return fail(ErrorCode::kTruncated,
                fmt::format("{} elements are announced and {} bytes are left", count, left), begin);
}

Result<StringHead> Primitives::string_head() {
    const uint64_t begin = offset();
    const uint8_t first = TM_TRY(source_.byte());
    if (first >> 6 == kLengthSpecial) return encoded_head(first & 63, begin);
    StringHead head;
    head.begin = begin;
    head.packed = head.size = TM_TRY(length_after(first, begin));
    const uint64_t left = source_.remaining();
    if (head.size <= left) return head;
    return fail(ErrorCode::kTruncated,
                fmt::format("{} bytes are wanted and {} are left", head.size, left), offset());
}

Result<StringHead> Primitives::encoded_head(uint8_t kind, uint64_t begin) {
    StringHead head;
    head.begin = begin;
    head.form = StringHead::Form::kInteger;
    switch (static_cast<StringKind>(kind)) {
        case StringKind::kInt8:
            head.integer = TM_TRY(integer<int8_t>());
            return head;
        case StringKind::kInt16:
            head.integer = TM_TRY(integer<int16_t>());
            return head;
        case StringKind::kInt32:
            head.integer = TM_TRY(integer<int32_t>());
            return head;
        case StringKind::kLzf:
            break;
        default:
            return bad(FindingCode::kBadString, begin,
                       fmt::format("there is no string encoding {}", kind));
    }
    head.form = StringHead::Form::kCompressed;
    head.packed = TM_TRY(length());
    head.size = TM_TRY(length());
    const uint64_t left = source_.remaining();
    if (head.packed > left) {
        return fail(ErrorCode::kTruncated,
                    fmt::format("{} bytes are wanted and {} are left", head.packed, left),
                    offset());
    }
    if (head.size == 0 || head.size / kLzfGrowthMax > head.packed) {
        return bad(FindingCode::kBadString, begin,
                   fmt::format("{} compressed bytes cannot stand for {}", head.packed, head.size));
    }
    return head;
}

Result<std::string_view> Primitives::string_body(const StringHead& head) {
    switch (head.form) {
        case StringHead::Form::kPlain:
            return source_.take(head.size);
        case StringHead::Form::kInteger:
            return std::string_view(digits_, write_int64(digits_, head.integer));
        case StringHead::Form::kCompressed:
            break;
    }
    return unpack(head);
}

Result<std::string_view> Primitives::unpack(const StringHead& head) {
    const std::string_view bytes = TM_TRY(source_.take(head.packed));
    unpacked_.clear();
    char* to = unpacked_.reserve(head.size);
    const unsigned made = lzf_decompress(bytes.data(), static_cast<unsigned>(bytes.size()), to,
                                         static_cast<unsigned>(head.size));
    if (made == head.size) return std::string_view(to, head.size);
    return bad(FindingCode::kBadString, head.begin, "a compressed string cannot be unpacked");
}

Result<std::string_view> Primitives::string() {
    std::string_view bytes;
    if (try_plain(bytes)) return bytes;
    const StringHead head = TM_TRY(string_head());
    if (head.size > kNameBytesMax || head.packed > kNameBytesMax) {
        return bad(FindingCode::kBadLength, head.begin,
                   fmt::format("a name of {} bytes is longer than Redis allows",
                               std::max(head.size, head.packed)));
    }
    return string_body(head);
}

Status Primitives::skip_string() {
    std::string_view bytes;
    if (try_plain(bytes)) return {};
    const uint64_t begin = offset();
    const uint8_t first = TM_TRY(source_.byte());
    if (first >> 6 != kLengthSpecial) return source_.skip(TM_TRY(length_after(first, begin)));
    switch (static_cast<StringKind>(first & 63)) {
        case StringKind::kInt8:
            return source_.skip(1);
        case StringKind::kInt16:
            return source_.skip(2);
        case StringKind::kInt32:
            return source_.skip(4);
        case StringKind::kLzf: {
            const uint64_t packed = TM_TRY(length());
            TM_TRY(length());
            return source_.skip(packed);
        }
    }
    return bad(FindingCode::kBadString, begin,
               fmt::format("there is no string encoding {}", first & 63));
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
