#include "rdb/codec/byte_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/crc64.h"

namespace tidemark::rdb {

namespace {

constexpr size_t kReadBytes = 256 * 1024;

}  // namespace

Result<size_t> MemoryInput::read_at(char* to, size_t length, uint64_t offset) {
    if (offset >= bytes_.size()) return size_t{0};
    const std::string_view bytes = bytes_.substr(offset, length);
    std::memcpy(to, bytes.data(), bytes.size());
    return bytes.size();
}

void ByteSource::sum_up() {
    crc_ = crc64({window_.data() + summed_, taken_ - summed_}, crc_);
    summed_ = taken_;
}

// The window afterwards begins with the next byte and has `length` bytes at least.
Status ByteSource::fill(uint64_t length) {
    if (length > remaining()) {
        return fail(ErrorCode::kTruncated,
                    fmt::format("{} bytes are wanted and {} are left", length, remaining()),
                    offset());
    }
    sum_up();
    window_.consume(taken_);
    window_begin_ += taken_;
    taken_ = summed_ = 0;
    while (window_.size() < length) {
        const uint64_t at = window_begin_ + window_.size();
        const size_t wanted =
            std::min(std::max<uint64_t>(length - window_.size(), kReadBytes), size_ - at);
        const size_t got = TM_TRY(input_.read_at(window_.reserve(wanted), wanted, at));
        if (got == 0) return fail(ErrorCode::kTruncated, "it became shorter while being read", at);
        window_.commit(got);
    }
    return {};
}

}  // namespace tidemark::rdb
