#include "tools/rdb_check/changed_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "base/crc64.h"

namespace tidemark::rdb_check {

namespace {

constexpr uint64_t kComparedBytes = 1024 * 1024;

// One byte forth is d -> forth[d & 255] ^ d >> 8. The top byte of forth[i] is different for each i,
// so it tells i, and one byte back is d -> d << 8 ^ back[d >> 56].
class StepBack {
public:
    StepBack() {
        for (unsigned i = 0; i < 256; ++i) {
            const char byte = static_cast<char>(i);
            const uint64_t forth = crc64({&byte, 1});
            back_[forth >> 56] = forth << 8 ^ i;
        }
    }
    uint64_t operator()(uint64_t d) const { return d << 8 ^ back_[d >> 56]; }

private:
    std::array<uint64_t, 256> back_{};
};

// How many changed bytes in a row are believed among `length` of them.
unsigned count_max(uint64_t length) {
    const auto length_bits = static_cast<unsigned>(std::bit_width(length));
    if (length_bits + kChanceBits + 8 > 64) return 0;
    return std::min((64 - kChanceBits - length_bits) / 8, kChangedBytesMax);
}

unsigned bytes_of(uint64_t mask) {
    return (static_cast<unsigned>(std::bit_width(mask)) + 7) / 8;
}

// The difference is as it stands in the checksum's own bytes.
std::optional<ChangedBytes> locate_in_checksum(uint64_t difference, uint64_t length) {
    const auto skipped = static_cast<unsigned>(std::countr_zero(difference)) / 8;
    const uint64_t mask = difference >> (8 * skipped);
    if (bytes_of(mask) > kChangedBytesMax) return std::nullopt;
    return ChangedBytes{length + skipped, bytes_of(mask), mask};
}

}  // namespace

std::optional<ChangedBytes> locate_change(uint64_t difference, uint64_t length) {
    const unsigned limit = count_max(length);
    if (difference == 0 || limit == 0) return std::nullopt;
    if (const auto in_checksum = locate_in_checksum(difference, length)) return in_checksum;
    const StepBack step_back;
    const uint64_t small = uint64_t{1} << (8 * limit);
    uint64_t d = difference;
    for (uint64_t offset = length; offset-- > 0;) {
        d = step_back(d);
        if (d >= small) continue;
        return ChangedBytes{offset, bytes_of(d), d};
    }
    return std::nullopt;
}

std::string describe(const ChangedBytes& change) {
    if (change.count == 1) {
        return fmt::format("; the byte at {} was changed, and fix restores it", change.offset);
    }
    return fmt::format("; {} bytes at {} were changed, and fix restores them", change.count,
                       change.offset);
}

Result<size_t> MendedInput::read_at(char* to, size_t length, uint64_t offset) {
    const size_t got = TM_TRY(input_.read_at(to, length, offset));
    for (const ChangedBytes& change : changes_) {
        for (unsigned i = 0; i < change.count; ++i) {
            const uint64_t at = change.offset + i;
            if (at < offset || at >= offset + got) continue;
            to[at - offset] = static_cast<char>(static_cast<uint8_t>(to[at - offset]) ^
                                                (change.mask >> (8 * i) & 255));
        }
    }
    return got;
}

Result<uint64_t> checksum_of(rdb::Input& input, uint64_t begin, uint64_t end) {
    std::vector<char> window(std::min(kComparedBytes, end - begin));
    uint64_t crc = 0;
    while (begin < end) {
        const size_t wanted = std::min<uint64_t>(window.size(), end - begin);
        const size_t got = TM_TRY(input.read_at(window.data(), wanted, begin));
        if (got == 0) {
            return fail(ErrorCode::kTruncated, "it became shorter while being read", begin);
        }
        crc = crc64({window.data(), got}, crc);
        begin += got;
    }
    return crc;
}

}  // namespace tidemark::rdb_check
