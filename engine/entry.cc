#include "engine/entry.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "engine/entry_maker.h"
#include "engine/memory.h"

namespace tidemark::engine {

namespace {

// Room that a growing text gets beyond what it needs: as much again, but not more than this.
constexpr size_t kGrowthMax = size_t{1} << 20;

size_t long_block_bytes(const LongText& text) {
    return block_size(sizeof(LongText) + text.capacity);
}

LongText* allocate_long(size_t length, size_t capacity) {
    const size_t block = block_size(sizeof(LongText) + capacity);
    auto* text = static_cast<LongText*>(allocate(block));
    text->length = length;
    text->capacity = block - sizeof(LongText);
    return text;
}

constexpr uint8_t kind_of(Encoding encoding) {
    return static_cast<uint8_t>(static_cast<unsigned>(ValueType::kString) << 4 |
                                static_cast<unsigned>(encoding));
}

}  // namespace

size_t Entry::text_length() const {
    if (encoding() != Encoding::kInt) return is_long() ? long_text()->length : value_length_;
    std::array<char, kMaxInt64Chars> digits;
    return write_int64(digits.data(), integer());
}

size_t Entry::block_bytes() const {
    const auto head = static_cast<size_t>(value_begin() - reinterpret_cast<const char*>(this));
    const size_t block = block_size(head + value_length_);
    return is_long() ? block + long_block_bytes(*long_text()) : block;
}

std::string_view encoding_name(const Entry& entry) {
    switch (entry.encoding()) {
        case Encoding::kInt:
            return "int";
        case Encoding::kEmbstr:
            return "embstr";
        case Encoding::kRaw:
            return "raw";
    }
    return "unknown";
}

std::string_view type_name(ValueType type) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"string", "list", "set", "zset", "hash", "module", "stream"});
    const auto index = static_cast<size_t>(type);
    return index < kNames.size() ? kNames[index] : "unknown";
}

StringValue value_of_text(std::string_view text) {
    // The first character decides for most text that is not a number.
    if (!text.empty() && text.size() <= kMaxInt64Chars && text[0] <= '9' && text[0] >= '-') {
        if (const auto integer = parse_int64(text)) return {Encoding::kInt, *integer, {}};
    }
    return {text.size() <= kEmbstrMax ? Encoding::kEmbstr : Encoding::kRaw, 0, text};
}

// Sizes of the parts of an entry that is yet to be made.
struct EntryMaker::Layout {
    uint8_t kind;
    uint8_t is_long;
    uint16_t value_bytes;

    static Layout of(const StringValue& value) {
        const uint8_t kind = kind_of(value.encoding);
        if (value.encoding == Encoding::kInt) return {kind, 0, sizeof(int64_t)};
        if (value.text.size() > kInlineValueMax) return {kind, 1, sizeof(LongText*)};
        return {kind, 0, static_cast<uint16_t>(value.text.size())};
    }
    static Layout of(const Entry& entry) {
        return {entry.kind_, static_cast<uint8_t>(entry.is_long() ? 1 : 0), entry.value_length_};
    }
    size_t block_bytes(size_t name_bytes, int64_t expire_at_ms) const {
        const size_t escape = name_bytes >= Entry::kLongName ? sizeof(uint64_t) : 0;
        const size_t expiry = expire_at_ms == kNoExpiry ? 0 : sizeof(int64_t);
        return block_size(sizeof(Entry) + expiry + escape + name_bytes + value_bytes);
    }
};

Entry* EntryMaker::allocate_entry(const Layout& layout, std::string_view name,
                                  int64_t expire_at_ms) {
    auto* block = static_cast<char*>(allocate(layout.block_bytes(name.size(), expire_at_ms)));
    auto* entry = reinterpret_cast<Entry*>(block);
    const bool expires = expire_at_ms != kNoExpiry;
    entry->kind_ = layout.kind;
    entry->flags_ = static_cast<uint8_t>((expires ? Entry::kHasExpiry : 0) |
                                         (layout.is_long != 0 ? Entry::kIsLong : 0));
    entry->value_length_ = layout.value_bytes;
    char* at = block + sizeof(Entry);
    if (expires) {
        std::memcpy(at, &expire_at_ms, sizeof expire_at_ms);
        at += sizeof expire_at_ms;
    }
    const size_t length = name.size();
    entry->clock_and_name_ = static_cast<uint32_t>(std::min<size_t>(length, Entry::kLongName))
                             << 24;
    if (length >= Entry::kLongName) {
        std::memcpy(at, &length, sizeof length);
        at += sizeof length;
    }
    if (length != 0) std::memcpy(at, name.data(), length);
    return entry;
}

void EntryMaker::store_value(Entry* entry, const StringValue& value) {
    char* at = mutable_value(entry);
    if (value.encoding == Encoding::kInt) {
        std::memcpy(at, &value.integer, sizeof value.integer);
    } else if (entry->is_long()) {
        LongText* text = allocate_long(value.text.size(), value.text.size());
        std::memcpy(text->data(), value.text.data(), value.text.size());
        std::memcpy(at, &text, sizeof text);
    } else if (!value.text.empty()) {
        // The new text may be a part of the old one (SET k from GETRANGE of k inside a script).
        std::memmove(at, value.text.data(), value.text.size());
    }
}

Entry* EntryMaker::create(std::string_view name, const StringValue& value, int64_t expire_at_ms) {
    Entry* entry = allocate_entry(Layout::of(value), name, expire_at_ms);
    store_value(entry, value);
    return entry;
}

void EntryMaker::destroy(Entry* entry) {
    if (entry->is_long()) release(entry->long_text());
    release(entry);
}

bool EntryMaker::overwrite(Entry* entry, const StringValue& value, int64_t expire_at_ms) {
    const Layout now = Layout::of(*entry);
    const Layout then = Layout::of(value);
    if (entry->has_expiry() != (expire_at_ms != kNoExpiry)) return false;
    if (now.is_long != then.is_long) return false;
    if (then.is_long != 0) {
        LongText* text = entry->long_text();
        const size_t wanted = block_size(sizeof(LongText) + value.text.size());
        if (wanted != long_block_bytes(*text)) return false;
        text->length = value.text.size();
        std::memmove(text->data(), value.text.data(), value.text.size());
    } else {
        const size_t name_bytes = entry->name_length();
        const size_t wanted = then.block_bytes(name_bytes, expire_at_ms);
        if (wanted != now.block_bytes(name_bytes, expire_at_ms)) return false;
        entry->value_length_ = then.value_bytes;
        store_value(entry, value);
    }
    entry->kind_ = then.kind;
    if (expire_at_ms != kNoExpiry) set_expire(entry, expire_at_ms);
    return true;
}

Entry* EntryMaker::remake(Entry* entry, std::string_view name, int64_t expire_at_ms) {
    Entry* made = allocate_entry(Layout::of(*entry), name, expire_at_ms);
    std::memcpy(mutable_value(made), entry->value_begin(), entry->value_length_);
    made->set_access(entry->access());
    release(entry);  // not destroy: the long text has moved
    return made;
}

Entry* EntryMaker::copy(const Entry& entry, std::string_view name, int64_t expire_at_ms) {
    StringValue value{entry.encoding(), 0, {}};
    if (value.encoding == Encoding::kInt) {
        value.integer = entry.integer();
    } else {
        value.text = entry.text();
    }
    return create(name, value, expire_at_ms);
}

void EntryMaker::set_expire(Entry* entry, int64_t at_ms) {
    std::memcpy(reinterpret_cast<char*>(entry + 1), &at_ms, sizeof at_ms);
}

namespace {

LongText* grow_long(LongText* text, size_t length) {
    if (text->capacity < length) {
        const size_t block = block_size(sizeof(LongText) + length + std::min(length, kGrowthMax));
        text = static_cast<LongText*>(reallocate(text, block));
        text->capacity = block - sizeof(LongText);
    }
    std::memset(text->data() + text->length, 0, length - text->length);
    text->length = length;
    return text;
}

}  // namespace

Entry* EntryMaker::grow_text(Entry* entry, size_t length, char** text) {
    if (entry->is_long()) {
        LongText* grown = grow_long(entry->long_text(), length);
        std::memcpy(mutable_value(entry), &grown, sizeof grown);
        entry->kind_ = kind_of(Encoding::kRaw);
        *text = grown->data();
        return entry;
    }
    std::array<char, kMaxInt64Chars> digits;
    std::string_view old;
    if (entry->encoding() == Encoding::kInt) {
        old = {digits.data(), write_int64(digits.data(), entry->integer())};
    } else {
        old = entry->text();
    }
    const bool is_long = length > kInlineValueMax;
    const Layout layout{kind_of(Encoding::kRaw), static_cast<uint8_t>(is_long ? 1 : 0),
                        static_cast<uint16_t>(is_long ? sizeof(LongText*) : length)};
    const int64_t expiry = expiry_of(*entry);
    const size_t wanted = layout.block_bytes(entry->name_length(), expiry);
    Entry* grown = entry;
    if (is_long || wanted != entry->block_bytes()) {
        grown = allocate_entry(layout, entry->key(), expiry);
        grown->set_access(entry->access());
    } else {
        entry->kind_ = layout.kind;
        entry->value_length_ = layout.value_bytes;
    }
    char* at = mutable_value(grown);
    if (is_long) {
        LongText* fresh = allocate_long(length, length + std::min(length, kGrowthMax));
        std::memcpy(at, &fresh, sizeof fresh);
        at = fresh->data();
    }
    if (!old.empty()) std::memmove(at, old.data(), old.size());
    std::memset(at + old.size(), 0, length - old.size());
    if (grown != entry) release(entry);
    *text = at;
    return grown;
}

}  // namespace tidemark::engine
