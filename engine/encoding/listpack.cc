#include "engine/encoding/listpack.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "engine/encoding/little_endian.h"

namespace tidemark::encoding {

namespace {

constexpr uint8_t kString32 = 0xf0;
constexpr uint8_t kInt16 = 0xf1;
constexpr uint8_t kInt24 = 0xf2;
constexpr uint8_t kInt32 = 0xf3;
constexpr uint8_t kInt64 = 0xf4;

constexpr size_t kString6Max = 63;
constexpr size_t kString12Max = 4095;

uint8_t byte_at(const char* at) {
    return static_cast<uint8_t>(*at);
}

ListpackHead integer_head(size_t head, int64_t value) {
    return {head, 0, value, true};
}

// Behind an encoding byte of 0xf0 and more.
ListpackHead parse_wide_head(const char* at, size_t available) {
    switch (byte_at(at)) {
        case kString32:
            if (available < 5) return {};
            return {5, load_le<uint32_t>(at + 1), 0, false};
        case kInt16:
            return available < 3 ? ListpackHead{} : integer_head(3, load_le<int16_t>(at + 1));
        case kInt24:
            return available < 4 ? ListpackHead{} : integer_head(4, load_int24(at + 1));
        case kInt32:
            return available < 5 ? ListpackHead{} : integer_head(5, load_le<int32_t>(at + 1));
        case kInt64:
            return available < 9 ? ListpackHead{} : integer_head(9, load_le<int64_t>(at + 1));
        default:
            return {};
    }
}

// 13 bits, the sign among them.
int64_t signed_13(uint32_t bits) {
    return static_cast<int32_t>(bits << 19) >> 19;
}

}  // namespace

ListpackHead parse_listpack_head(const char* at, size_t available) {
    if (available == 0) return {};
    const uint8_t first = byte_at(at);
    if (first < 0x80) return integer_head(1, first);
    if (first < 0xc0) return {1, first & size_t{63}, 0, false};
    if (first >= kString32) return parse_wide_head(at, available);
    if (available < 2) return {};
    const uint8_t second = byte_at(at + 1);
    if (first < 0xe0) return integer_head(2, signed_13((first & 31U) << 8 | second));
    return {2, (first & size_t{15}) << 8 | second, 0, false};
}

// The limits are Redis's: 16383 takes three bytes although it would fit two, and so on.
size_t backlen_size(size_t element_bytes) {
    if (element_bytes <= 127) return 1;
    if (element_bytes < 16383) return 2;
    if (element_bytes < 2097151) return 3;
    if (element_bytes < 268435455) return 4;
    return 5;
}

namespace {

size_t write_backlen(char* to, size_t element_bytes) {
    const size_t size = backlen_size(element_bytes);
    for (size_t i = size; i-- > 0; element_bytes >>= 7) {
        to[i] = static_cast<char>((element_bytes & 127) | (i == 0 ? 0 : 128));
    }
    return size;
}

}  // namespace

bool backlen_fits(const char* at, size_t element_bytes) {
    if (element_bytes <= 127) return byte_at(at) == element_bytes;
    char expected[kBacklenMax];
    const size_t size = write_backlen(expected, element_bytes);
    return std::equal(expected, expected + size, at);
}

namespace {

tl::unexpected<Error> wrong(std::string what, size_t offset) {
    return fail(ErrorCode::kCorrupt, std::move(what), offset);
}

}  // namespace

Result<uint64_t> check_listpack(std::string_view bytes) {
    if (bytes.size() < kListpackHeadBytes + 1) {
        return wrong(fmt::format("a listpack of {} bytes has no room for its header", bytes.size()),
                     0);
    }
    if (load_le<uint32_t>(bytes.data()) != bytes.size()) {
        return wrong(fmt::format("the listpack says that it has {} bytes, and has {}",
                                 load_le<uint32_t>(bytes.data()), bytes.size()),
                     0);
    }
    const char* const begin = bytes.data();
    const char* const end = begin + bytes.size() - 1;
    if (byte_at(end) != kListpackEnd) {
        return wrong("the listpack does not end with its terminator", bytes.size() - 1);
    }
    uint64_t count = 0;
    for (const char* at = begin + kListpackHeadBytes; at != end; ++count) {
        const auto left = static_cast<size_t>(end - at);
        const ListpackHead head = parse_listpack_head(at, left);
        const auto offset = static_cast<size_t>(at - begin);
        if (head.head == 0) {
            return wrong(fmt::format("0x{:02x} does not begin an element of the listpack, or one "
                                     "that does not fit",
                                     byte_at(at)),
                         offset);
        }
        const size_t size = head.size();
        if (size > left || backlen_size(size) > left - size) {
            return wrong("an element crosses the listpack's end", offset);
        }
        if (!backlen_fits(at + size, size)) {
            return wrong("an element's backlen is not its length", offset + size);
        }
        at += size + backlen_size(size);
    }
    const auto declared = load_le<uint16_t>(begin + 4);
    if (declared != kListpackCountUnknown && declared != count) {
        return wrong(
            fmt::format("the listpack says that it has {} elements, and has {}", declared, count),
            4);
    }
    return count;
}

Listpack::Iterator::Iterator(const char* at) : at_(at) {
    parse();
}

void Listpack::Iterator::parse() {
    if (byte_at(at_) == kListpackEnd) return;
    const ListpackHead head = parse_listpack_head(at_, kListpackElementHeadMax);
    TM_ASSERT(head.head != 0);
    size_ = head.size();
    value_ = {{at_ + head.head, head.body}, head.integer, head.is_integer};
}

Listpack::Iterator& Listpack::Iterator::operator++() {
    at_ += size_ + backlen_size(size_);
    parse();
    return *this;
}

uint64_t Listpack::count() const {
    const auto declared = load_le<uint16_t>(bytes_.data() + 4);
    if (declared != kListpackCountUnknown) return declared;
    uint64_t count = 0;
    for (auto it = begin(); it != end(); ++it) ++count;
    return count;
}

void ListpackBuilder::clear() {
    bytes_.assign(kListpackHeadBytes, '\0');
    count_ = 0;
    is_finished_ = false;
}

void ListpackBuilder::append(std::string_view text) {
    if (const auto integer = parse_int64(text)) return append_integer(*integer);
    append_string(text);
}

void ListpackBuilder::append_integer(int64_t value) {
    if (is_finished_) bytes_.pop_back();
    is_finished_ = false;
    const size_t begin = bytes_.size();
    char data[kListpackElementHeadMax];
    store_le(data + 1, value);
    size_t size = 0;
    if (value >= 0 && value <= 127) {
        data[0] = static_cast<char>(value);
        size = 1;
    } else if (value >= -4096 && value <= 4095) {
        data[0] = static_cast<char>(0xc0 | (value >> 8 & 31));
        data[1] = static_cast<char>(value & 255);
        size = 2;
    } else if (value >= INT16_MIN && value <= INT16_MAX) {
        data[0] = static_cast<char>(kInt16);
        size = 3;
    } else if (value >= -(1 << 23) && value < 1 << 23) {
        data[0] = static_cast<char>(kInt24);
        size = 4;
    } else if (value >= INT32_MIN && value <= INT32_MAX) {
        data[0] = static_cast<char>(kInt32);
        size = 5;
    } else {
        data[0] = static_cast<char>(kInt64);
        size = 9;
    }
    bytes_.append(data, size);
    end_element(begin);
}

void ListpackBuilder::append_string(std::string_view text) {
    if (is_finished_) bytes_.pop_back();
    is_finished_ = false;
    const size_t begin = bytes_.size();
    if (text.size() <= kString6Max) {
        bytes_ += static_cast<char>(0x80 | text.size());
    } else if (text.size() <= kString12Max) {
        bytes_ += static_cast<char>(0xe0 | text.size() >> 8);
        bytes_ += static_cast<char>(text.size() & 255);
    } else {
        TM_ASSERT(text.size() < kListpackBytesMax);
        char length[4];
        store_le(length, static_cast<uint32_t>(text.size()));
        bytes_ += static_cast<char>(kString32);
        bytes_.append(length, sizeof length);
    }
    bytes_.append(text);
    end_element(begin);
}

void ListpackBuilder::end_element(size_t begin) {
    char backlen[kBacklenMax];
    bytes_.append(backlen, write_backlen(backlen, bytes_.size() - begin));
    ++count_;
}

std::string_view ListpackBuilder::finish() {
    if (is_finished_) return bytes_;
    bytes_ += static_cast<char>(kListpackEnd);
    is_finished_ = true;
    TM_ASSERT(bytes_.size() <= UINT32_MAX);
    store_le(bytes_.data(), static_cast<uint32_t>(bytes_.size()));
    store_le(bytes_.data() + 4,
             static_cast<uint16_t>(std::min<uint64_t>(count_, kListpackCountUnknown)));
    return bytes_;
}

}  // namespace tidemark::encoding
