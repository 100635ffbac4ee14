// A key with its value: one allocation for both, unless the value is long.
//
//   header (8)                                            expiry  name length  name     value
//   type+encoding  flags  value length  clock(24)+name(8) [8]     [8]          n bytes  ...
//        u8          u8        u16            u32
//
// - `expiry` is there when the key has one; `name length` only when the name has 255 bytes or more
//   (the header's byte then says 255).
// - `value` is an int64 (encoding int), or up to kInlineValueMax bytes of text, or a pointer to a
//   LongText. Nothing after the header is aligned.
// - How large the block is follows from these fields alone (block_bytes), so the books are kept
//   without asking the allocator. That is why a value is overwritten in place only when the new
//   one needs a block of the same class.
//
// A 16-byte name with a 32-byte value takes a 64-byte block with or without an expiry, which
// mimalloc lays out as one cache line.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tidemark::engine {

// Numbered as in RDB and MODULE APIs of Redis.
enum class ValueType : uint8_t {
    kString = 0,
    kList = 1,
    kSet = 2,
    kZset = 3,
    kHash = 4,
    kModule = 5,
    kStream = 6,
};

enum class Encoding : uint8_t { kInt, kEmbstr, kRaw };

// Longest text that Redis calls embstr.
inline constexpr size_t kEmbstrMax = 44;
// Longest text that lives in the entry. Beyond, APPEND and SETRANGE want room to grow in, and a
// rename should not copy.
inline constexpr size_t kInlineValueMax = 1024;

// Text of a value past kInlineValueMax, or one that has been appended to past it.
struct LongText {
    uint64_t length;
    uint64_t capacity;  // bytes of text that fit

    char* data() { return reinterpret_cast<char*>(this + 1); }
    const char* data() const { return reinterpret_cast<const char*>(this + 1); }
};

// What a string is to be stored as: chosen by value_of_text, or forced to raw by APPEND.
struct StringValue {
    Encoding encoding;
    int64_t integer;        // encoding int
    std::string_view text;  // otherwise
};

class Entry {
public:
    Entry() = delete;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    ValueType type() const { return static_cast<ValueType>(kind_ >> 4); }
    Encoding encoding() const { return static_cast<Encoding>(kind_ & 15); }
    std::string_view key() const { return {name_begin(), name_length()}; }
    bool has_expiry() const { return (flags_ & kHasExpiry) != 0; }
    // Unix milliseconds; only with has_expiry().
    int64_t expire_at_ms() const { return load<int64_t>(tail()); }
    bool is_expired(int64_t now_ms) const { return has_expiry() && expire_at_ms() <= now_ms; }

    // Encoding int.
    int64_t integer() const { return load<int64_t>(value_begin()); }
    // Encodings embstr and raw.
    std::string_view text() const {
        if (is_long()) return {long_text()->data(), long_text()->length};
        return {value_begin(), value_length_};
    }
    // Bytes of a string value as text, whatever its encoding.
    size_t text_length() const;

    // 24 bits that only AccessClock understands.
    uint32_t access() const { return clock_and_name_ & 0xffffff; }
    // The access clock is not part of the value: readers move it.
    void set_access(uint32_t clock) const {
        clock_and_name_ = (clock_and_name_ & 0xff000000U) | clock;
    }

    // What this entry occupies, the long text included, as allocated.
    size_t block_bytes() const;

private:
    friend class EntryMaker;

    static constexpr uint8_t kHasExpiry = 1;
    static constexpr uint8_t kIsLong = 2;
    static constexpr uint32_t kLongName = 255;

    template <class T>
    static T load(const char* from) {
        T value;
        std::memcpy(&value, from, sizeof value);
        return value;
    }

    const char* tail() const { return reinterpret_cast<const char*>(this + 1); }
    size_t expiry_bytes() const { return (flags_ & kHasExpiry) * sizeof(int64_t); }
    size_t name_length() const {
        const uint32_t length = clock_and_name_ >> 24;
        return length != kLongName ? length : load<uint64_t>(tail() + expiry_bytes());
    }
    const char* name_begin() const {
        const size_t escape = clock_and_name_ >> 24 == kLongName ? sizeof(uint64_t) : 0;
        return tail() + expiry_bytes() + escape;
    }
    const char* value_begin() const { return name_begin() + name_length(); }
    bool is_long() const { return (flags_ & kIsLong) != 0; }
    LongText* long_text() const { return load<LongText*>(value_begin()); }

    uint8_t kind_;
    uint8_t flags_;
    uint16_t value_length_;
    mutable uint32_t clock_and_name_;
};
static_assert(sizeof(Entry) == 8);

// "int", "embstr", "raw": what OBJECT ENCODING answers.
std::string_view encoding_name(const Entry& entry);
inline ValueType type_of(const Entry& entry) {
    return entry.type();
}
// "string", "list" ...: what TYPE answers.
std::string_view type_name(ValueType type);

}  // namespace tidemark::engine
