// The listpack: small lists, sets, hashes, sorted sets and the nodes of streams.
//
//   u32 total bytes | u16 count | element... | 0xff
//   element: encoding and data | backlen
//
//   0xxxxxxx              integer 0..127
//   10xxxxxx              string, 6-bit length
//   110xxxxx +1           13-bit signed integer, high bits first
//   1110xxxx +1           string, 12-bit length, high bits first
//   0xf0 +4               string, 32-bit length
//   0xf1 0xf2 0xf3 0xf4   signed integer of 16, 24, 32, 64 bits
//
// The backlen is the size of encoding and data, most significant group of seven bits first, all
// bytes but the first with their high bit set, so that it can be read backwards. A count of 65535
// says that only a walk knows. Integers are little-endian but for the split ones.
//
// Bytes from outside: check_listpack() first, or walk by parse_listpack_head() and backlen_fits().
// Listpack, the view, trusts its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/encoding/packed_value.h"

namespace tidemark::encoding {

inline constexpr size_t kListpackHeadBytes = 6;
inline constexpr uint8_t kListpackEnd = 0xff;
inline constexpr uint16_t kListpackCountUnknown = 0xffff;
// What Redis keeps a listpack below.
inline constexpr size_t kListpackBytesMax = size_t{1} << 30;

// The longest encoding byte with its integer or length.
inline constexpr size_t kListpackElementHeadMax = 9;
inline constexpr size_t kBacklenMax = 5;

// An element's beginning. `head` 0: these bytes begin none, or `available` is too few to say.
struct ListpackHead {
    size_t head = 0;      // bytes of encoding with integer or length
    size_t body = 0;      // bytes of a string behind them
    int64_t integer = 0;  // where is_integer
    bool is_integer = false;

    size_t size() const { return head + body; }  // what the backlen says
};
ListpackHead parse_listpack_head(const char* at, size_t available);

size_t backlen_size(size_t element_bytes);
// Whether `at` holds the backlen of an element of `element_bytes`; backlen_size() bytes are looked
// at.
bool backlen_fits(const char* at, size_t element_bytes);

// Everything: sizes, encodings, backlens, count, terminator. The error's offset is one in the pack.
// Returns the number of elements.
Result<uint64_t> check_listpack(std::string_view bytes);

// Elements of a listpack that is known to be sound.
class Listpack {
public:
    explicit Listpack(std::string_view bytes) : bytes_(bytes) {}

    class Iterator {
    public:
        explicit Iterator(const char* at);
        const PackedValue& operator*() const { return value_; }
        const PackedValue* operator->() const { return &value_; }
        Iterator& operator++();
        bool operator==(const Iterator& other) const { return at_ == other.at_; }

    private:
        void parse();
        const char* at_;
        size_t size_ = 0;
        PackedValue value_;
    };

    Iterator begin() const { return Iterator(bytes_.data() + kListpackHeadBytes); }
    Iterator end() const { return Iterator(bytes_.data() + bytes_.size() - 1); }
    uint64_t count() const;  // walks where the header does not know

private:
    std::string_view bytes_;
};

// Makes one, front to back.
class ListpackBuilder {
public:
    ListpackBuilder() { clear(); }

    // Text that is an int64 in its canonical spelling is stored as one, as Redis does.
    void append(std::string_view text);
    void append_integer(int64_t value);
    // Bytes if it ended here, and elements.
    size_t size() const { return bytes_.size() + (is_finished_ ? 0 : 1); }
    uint64_t count() const { return count_; }
    void clear();
    // The whole of it; valid until the next call. Appending may go on afterwards.
    std::string_view finish();

private:
    void append_string(std::string_view text);
    void end_element(size_t begin);

    std::string bytes_;  // without terminator, unless finished
    uint64_t count_ = 0;
    bool is_finished_ = false;
};

}  // namespace tidemark::encoding
