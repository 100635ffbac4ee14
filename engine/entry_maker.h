// Makes, changes and frees entries. Only Database and the door use it: whoever reads sees const
// Entry&.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/entry.h"

namespace tidemark::engine {

inline constexpr int64_t kNoExpiry = INT64_MIN;

// int where `text` is what the integer would be printed as, else embstr or raw by length.
StringValue value_of_text(std::string_view text);

class EntryMaker {
public:
    // `expire_at_ms` may be kNoExpiry.
    static Entry* create(std::string_view name, const StringValue& value, int64_t expire_at_ms);
    static void destroy(Entry* entry);

    // Stores the value and expiry in the entry's own block. False, and nothing changed, when they
    // need a block of another class or a long text is or would be involved.
    static bool overwrite(Entry* entry, const StringValue& value, int64_t expire_at_ms);

    // A new entry with this one's value, under another name or with another expiry. The long text,
    // if any, moves along; `entry` is freed.
    static Entry* remake(Entry* entry, std::string_view name, int64_t expire_at_ms);
    // A deep copy.
    static Entry* copy(const Entry& entry, std::string_view name, int64_t expire_at_ms);

    // Overwrites the time of an entry that has one.
    static void set_expire(Entry* entry, int64_t at_ms);

    // The string as raw text of `length` bytes, of which those beyond the present length are
    // NULs; the same entry or a new one in its place (the old is freed). `*text` is where they lie.
    static Entry* grow_text(Entry* entry, size_t length, char** text);

    static int64_t expiry_of(const Entry& entry) {
        return entry.has_expiry() ? entry.expire_at_ms() : kNoExpiry;
    }

private:
    struct Layout;
    static Entry* allocate_entry(const Layout& layout, std::string_view name, int64_t expire_at_ms);
    static char* mutable_value(Entry* entry) { return const_cast<char*>(entry->value_begin()); }
    static void store_value(Entry* entry, const StringValue& value);
};

}  // namespace tidemark::engine
