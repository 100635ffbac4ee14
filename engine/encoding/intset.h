// The intset: a set of integers only, ascending.
//
//   u32 width (2, 4 or 8) | u32 count | count signed integers, little-endian
//
// Bytes from outside: check_intset() first. Intset, the view, trusts its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::encoding {

inline constexpr size_t kIntsetHeadBytes = 8;

// The integer of `width` bytes (2, 4 or 8) at `at`.
int64_t intset_integer(const char* at, size_t width);

struct IntsetHead {
    uint32_t width = 0;
    uint32_t count = 0;
};
// From the first kIntsetHeadBytes of an intset that has `size` bytes: they agree, or an error.
Result<IntsetHead> parse_intset_head(std::string_view head, uint64_t size);

// Width, size, order. The error's offset is one in the intset. Returns the number of members, which
// may be 0.
Result<uint64_t> check_intset(std::string_view bytes);

// Members of an intset that is known to be sound.
class Intset {
public:
    explicit Intset(std::string_view bytes);

    size_t size() const { return count_; }
    int64_t operator[](size_t index) const;

private:
    const char* members_;
    size_t width_;
    size_t count_;
};

// The narrowest one that holds them; ascending, without duplicates.
std::string build_intset(const std::vector<int64_t>& members);

}  // namespace tidemark::encoding
