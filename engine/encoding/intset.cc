#include "engine/encoding/intset.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "engine/encoding/little_endian.h"

namespace tidemark::encoding {

int64_t intset_integer(const char* at, size_t width) {
    if (width == 2) return load_le<int16_t>(at);
    if (width == 4) return load_le<int32_t>(at);
    return load_le<int64_t>(at);
}

Result<IntsetHead> parse_intset_head(std::string_view head, uint64_t size) {
    const auto wrong = [](std::string what, uint64_t offset) {
        return fail(ErrorCode::kCorrupt, std::move(what), offset);
    };
    if (head.size() < kIntsetHeadBytes) {
        return wrong(fmt::format("an intset of {} bytes has no room for its header", size), 0);
    }
    const IntsetHead found{load_le<uint32_t>(head.data()), load_le<uint32_t>(head.data() + 4)};
    if (found.width != 2 && found.width != 4 && found.width != 8) {
        return wrong(fmt::format("an intset's members cannot have {} bytes", found.width), 0);
    }
    const uint64_t expected = kIntsetHeadBytes + uint64_t{found.width} * found.count;
    if (expected != size) {
        return wrong(fmt::format("an intset of {} members of {} bytes has {} bytes instead of {}",
                                 found.count, found.width, size, expected),
                     4);
    }
    return found;
}

Result<uint64_t> check_intset(std::string_view bytes) {
    const IntsetHead head = TM_TRY(parse_intset_head(bytes, bytes.size()));
    const Intset set(bytes);
    for (size_t i = 1; i < set.size(); ++i) {
        if (set[i - 1] < set[i]) continue;
        return fail(ErrorCode::kCorrupt,
                    fmt::format("the intset is not ascending: {} is before {}", set[i - 1], set[i]),
                    kIntsetHeadBytes + i * head.width);
    }
    return head.count;
}

Intset::Intset(std::string_view bytes)
    : members_(bytes.data() + kIntsetHeadBytes),
      width_(load_le<uint32_t>(bytes.data())),
      count_(load_le<uint32_t>(bytes.data() + 4)) {}

int64_t Intset::operator[](size_t index) const {
    return intset_integer(members_ + index * width_, width_);
}

std::string build_intset(const std::vector<int64_t>& members) {
    uint32_t width = 2;
    if (!members.empty()) {
        const auto fits = [&](int64_t least, int64_t most) {
            return members.front() >= least && members.back() <= most;
        };
        if (!fits(INT16_MIN, INT16_MAX)) width = fits(INT32_MIN, INT32_MAX) ? 4 : 8;
    }
    TM_ASSERT(members.size() <= UINT32_MAX);
    std::string bytes(kIntsetHeadBytes + members.size() * width, '\0');
    store_le(bytes.data(), width);
    store_le(bytes.data() + 4, static_cast<uint32_t>(members.size()));
    char* to = bytes.data() + kIntsetHeadBytes;
    for (size_t i = 0; i < members.size(); ++i, to += width) {
        TM_ASSERT(i == 0 || members[i - 1] < members[i]);
        std::memcpy(to, &members[i], width);
    }
    return bytes;
}

}  // namespace tidemark::encoding
