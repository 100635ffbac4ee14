// What keys, values and opcodes are made of: integers, lengths, strings. Each function takes its
// bytes from the source or says at which offset they are wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/number.h"
#include "base/result.h"
#include "rdb/codec/byte_source.h"

namespace tidemark::rdb {

class Primitives {
public:
    explicit Primitives(Input& input) : source_(input) {}

    ByteSource& source() { return source_; }
    uint64_t offset() const { return source_.offset(); }

    Result<uint8_t> byte() { return source_.byte(); }
    Result<int32_t> int32();
    Result<int64_t> int64();
    Result<uint64_t> length();
    // Whatever its encoding, as text. Valid until the next call.
    Result<std::string_view> string();

private:
    template <class T>
    Result<T> integer();
    Result<uint64_t> length_after(uint8_t first, uint64_t begin);
    Result<std::string_view> encoded_string(uint8_t kind, uint64_t begin);
    Result<std::string_view> compressed_string(uint64_t begin);
    std::string_view digits_of(int64_t value) { return {digits_, write_int64(digits_, value)}; }

    ByteSource source_;
    Buffer unpacked_;
    char digits_[kMaxInt64Chars];
};

// For messages: cut when long, and nothing in it that a terminal would act upon.
std::string printable(std::string_view bytes);

}  // namespace tidemark::rdb
