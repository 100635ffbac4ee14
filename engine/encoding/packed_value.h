// One element of a packed encoding: an integer, or bytes that lie in the pack.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/number.h"

namespace tidemark::encoding {

// Room for an integer spelled out.
using Digits = char[kMaxInt64Chars];

struct PackedValue {
    std::string_view bytes;  // of a string; valid as long as the pack
    int64_t integer = 0;
    bool is_integer = false;

    // As text: its bytes, or its digits, written to `digits`.
    std::string_view text(Digits& digits) const {
        if (!is_integer) return bytes;
        return {digits, write_int64(digits, integer)};
    }
};

}  // namespace tidemark::encoding
