// Lengths, integers, doubles and strings as a dump has them: the other direction of primitives.h.
// Each function appends to a buffer; nothing here can fail, except a length that needs more than
// the version has (see fits_version).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "rdb/codec/format.h"

namespace tidemark::rdb {

enum class Compression : uint8_t { kNone, kLzf };

// Shorter strings are not compressed, and neither are those that it would save too little on; the
// same limits as Redis has.
inline constexpr size_t kCompressFrom = 21;
inline constexpr size_t kCompressSavesMin = 4;

// Files up to version 7 know no 64-bit lengths.
inline constexpr int kFirstVersionWithLength64 = 8;
inline bool length_fits_version(uint64_t length, Dialect dialect, int version) {
    return length <= UINT32_MAX || dialect == Dialect::kValkey ||
           version >= kFirstVersionWithLength64;
}

inline void pack_byte(Buffer& out, uint8_t byte) {
    out.append(static_cast<char>(byte));
}
void pack_little_endian(Buffer& out, uint64_t value, size_t bytes);
inline void pack_int64(Buffer& out, int64_t value) {
    pack_little_endian(out, static_cast<uint64_t>(value), 8);
}
void pack_big_endian(Buffer& out, uint64_t value, size_t bytes);

// The shortest form that holds it.
void pack_length(Buffer& out, uint64_t length);

// An integer where the text is the canonical decimal of one with 32 bits, else compressed where
// that pays, else as it is.
void pack_string(Buffer& out, std::string_view text, Compression compression);
// The same without the first of these: for listpacks and their like.
void pack_blob(Buffer& out, std::string_view bytes, Compression compression);
// Length and bytes, whatever they are.
void pack_raw_string(Buffer& out, std::string_view bytes);

void pack_double(Buffer& out, double value);
// As version 7 and earlier have scores: a length byte and digits. Never NaN.
void pack_text_double(Buffer& out, double value);

}  // namespace tidemark::rdb
