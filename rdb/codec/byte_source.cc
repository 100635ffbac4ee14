#include "rdb/codec/byte_source.h"

#include <fmt/format.h>

#include <cstring>

#include "base/crc64.h"

namespace tidemark::rdb {

namespace {

constexpr size_t kReadBytes = 256 * 1024;
// Who goes elsewhere may not stay there.
constexpr size_t kFirstReadBytes = 4 * 1024;

}  // namespace

Result<size_t> MemoryInput::read_at(char* to, size_t length, uint64_t offset) {
    if (offset >= bytes_.size()) return size_t{0};
    const std::string_view bytes = bytes_.substr(offset, length);
    std::memcpy(to, bytes.data(), bytes.size());
    return bytes.size();
}

ByteSource::ByteSource(Input& input) : input_(input), size_(input.size()), portion_(kReadBytes) {}

void ByteSource::sum_up() {
    if (offset() <= summed_end_) return;
    if (summed_end_ < window_begin_) has_gap_ = true;
    if (!has_gap_) {
        const size_t from = summed_end_ - window_begin_;
        crc_ = crc64({window_.data() + from, taken_ - from}, crc_);
    }
    summed_end_ = offset();
}

// The window afterwards begins with the next byte.
void ByteSource::make_room() {
    sum_up();
    window_.consume(taken_);
    window_begin_ += taken_;
    taken_ = 0;
}

// 0: there are no more. Reads no more at once than has come already, or a usual portion.
Result<size_t> ByteSource::read_more(uint64_t wanted) {
    const uint64_t at = window_begin_ + window_.size();
    uint64_t most = std::min(wanted, std::max<uint64_t>(window_.size(), kReadBytes));
    most = std::max<uint64_t>(most, portion_);
    portion_ = std::min(portion_ * 4, kReadBytes);
    if (size_ != kUnknownSize) most = std::min(most, size_ - std::min(size_, at));
    if (most == 0) return size_t{0};
    const size_t got = TM_TRY(input_.read_at(window_.reserve(most), most, at));
    window_.commit(got);
    return got;
}

// At least `length` bytes are in the window afterwards.
Status ByteSource::fill(uint64_t length) {
    if (length > remaining()) {
        return fail(ErrorCode::kTruncated,
                    fmt::format("{} bytes are wanted and {} are left", length, remaining()),
                    offset());
    }
    make_room();
    while (window_.size() < length) {
        if (TM_TRY(read_more(length - window_.size())) > 0) continue;
        if (size_ != kUnknownSize) {
            return fail(ErrorCode::kTruncated, "it became shorter while being read",
                        window_begin_ + window_.size());
        }
        return fail(ErrorCode::kTruncated,
                    fmt::format("{} bytes are wanted and {} are left", length, window_.size()),
                    window_begin_);
    }
    return {};
}

Status ByteSource::look_ahead(size_t length) {
    if (available() >= length) return {};
    make_room();
    while (window_.size() < length) {
        if (TM_TRY(read_more(length - window_.size())) == 0) break;
    }
    return {};
}

Status ByteSource::skip(uint64_t length) {
    if (length > remaining()) return fill(length);  // says so
    if (has_gap_ && length > available() + kReadBytes && can_go_back()) {
        seek(offset() + length);
        return {};
    }
    while (length > available()) {
        length -= available();
        taken_ = window_.size();
        TM_CHECK(fill(std::min<uint64_t>(length, kReadBytes)));
    }
    taken_ += length;
    return {};
}

void ByteSource::seek(uint64_t offset) {
    sum_up();
    if (offset >= window_begin_ && offset - window_begin_ <= window_.size()) {
        taken_ = offset - window_begin_;
        return;
    }
    window_.clear();
    window_begin_ = offset;
    taken_ = 0;
    portion_ = kFirstReadBytes;
    if (offset > summed_end_) has_gap_ = true;
}

}  // namespace tidemark::rdb
