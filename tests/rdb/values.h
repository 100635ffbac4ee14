// Values as bytes, by hand: strings, lengths, and the packed encodings that nobody writes any more.
#pragma once

#include <liblzf/lzf.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/encoding/listpack.h"
#include "engine/encoding/little_endian.h"

namespace tidemark::rdb {

using Texts = std::vector<std::string>;

inline std::string le(uint64_t value, size_t bytes) {
    std::string text(8, '\0');
    encoding::store_le(text.data(), value);
    return text.substr(0, bytes);
}

inline std::string be(uint64_t value, size_t bytes) {
    std::string text;
    for (size_t i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

// As writers choose it.
inline std::string length(uint64_t value) {
    if (value < 64) return be(value, 1);
    if (value < 16384) return be(0x4000 | value, 2);
    return value <= UINT32_MAX ? "\x80" + be(value, 4) : "\x81" + be(value, 8);
}

inline std::string str(std::string_view text) {
    return length(text.size()).append(text);
}

// Compressed; the text must be compressible.
inline std::string lzf(std::string_view text) {
    std::string packed(text.size() + 64, '\0');
    packed.resize(lzf_compress(text.data(), static_cast<unsigned>(text.size()), packed.data(),
                               static_cast<unsigned>(packed.size())));
    return "\xc3" + length(packed.size()) + length(text.size()) + packed;
}

inline std::string strs(const Texts& texts) {
    std::string bytes = length(texts.size());
    for (const std::string& text : texts) bytes += str(text);
    return bytes;
}

inline std::string listpack(const Texts& texts) {
    encoding::ListpackBuilder builder;
    for (const std::string& text : texts) builder.append(text);
    return std::string(builder.finish());
}

// An entry behind another of `before` bytes; integers in the form that Redis would choose of three.
inline std::string ziplist_entry(size_t before, const std::string& text) {
    std::string entry = before < 254 ? le(before, 1) : "\xfe" + le(before, 4);
    const auto integer = parse_int64(text);
    if (integer && *integer >= 0 && *integer <= 12) {
        return entry + static_cast<char>(0xf1 + *integer);
    }
    if (integer && *integer >= INT8_MIN && *integer <= INT8_MAX) {
        return entry + "\xfe" + le(static_cast<uint64_t>(*integer), 1);
    }
    if (integer) return entry + "\xe0" + le(static_cast<uint64_t>(*integer), 8);
    if (text.size() < 64) return entry + be(text.size(), 1) + text;
    if (text.size() < 16384) return entry + be(0x4000 | text.size(), 2) + text;
    return entry + "\x80" + be(text.size(), 4) + text;
}

inline std::string ziplist(const Texts& texts) {
    std::string entries;
    size_t before = 0;
    size_t tail = 10;
    for (const std::string& text : texts) {
        tail = 10 + entries.size();
        const std::string entry = ziplist_entry(before, text);
        before = entry.size();
        entries += entry;
    }
    return le(10 + entries.size() + 1, 4) + le(tail, 4) +
           le(std::min<size_t>(texts.size(), 65535), 2) + entries + "\xff";
}

inline std::string zipmap_length(size_t size) {
    return size < 254 ? le(size, 1) : "\xfe" + le(size, 4);
}

// Fields and values in turn; one unused byte behind each value.
inline std::string zipmap(const Texts& pairs, uint8_t count) {
    std::string bytes = le(count, 1);
    for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
        bytes += zipmap_length(pairs[i].size()) + pairs[i];
        bytes += zipmap_length(pairs[i + 1].size()) + "\1" + pairs[i + 1] + "?";
    }
    return bytes + "\xff";
}

inline std::string stream_id(uint64_t ms, uint64_t seq) {
    return be(ms, 8) + be(seq, 8);
}

}  // namespace tidemark::rdb
