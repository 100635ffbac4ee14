// The frame of a record, `*<count>\r\n` and `$<length>\r\n<bytes>\r\n`, without its meaning.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "aof/codec/scan.h"
#include "base/result.h"

namespace tidemark::aof {

// Decimal digits of a count or length; more cannot be within the limits.
constexpr size_t kMaxDigits = 12;

enum class Header { kOk, kNeedMore, kMalformed };

// `<type><digits>\r\n` at *from; moves *from behind it.
inline Header read_header(const char** from, const char* end, char type, uint64_t* value) {
    const char* p = *from;
    if (p == end) return Header::kNeedMore;
    if (*p != type) return Header::kMalformed;
    ++p;
    uint64_t number = 0;
    const char* const digits = p;
    while (p != end && *p >= '0' && *p <= '9') {
        number = number * 10 + static_cast<uint64_t>(*p - '0');
        if (static_cast<size_t>(++p - digits) > kMaxDigits) return Header::kMalformed;
    }
    if (p == end) return Header::kNeedMore;
    if (p == digits || *p != '\r') return Header::kMalformed;
    if (++p == end) return Header::kNeedMore;
    if (*p != '\n') return Header::kMalformed;
    *from = p + 1;
    *value = number;
    return Header::kOk;
}

// Follows frames in a source through a small window: for records that are too long to hold, and for
// places that may not be records at all.
class RecordFrame {
public:
    RecordFrame(ByteSource& source, uint64_t offset, uint64_t end)
        : source_(source), offset_(offset), end_(end), window_(new char[kWindowBytes]) {}

    uint64_t offset() const { return offset_; }
    void seek(uint64_t offset) { offset_ = offset; }
    bool at_end() const { return offset_ >= end_; }
    const std::optional<Error>& error() const { return error_; }

    // At least `bytes` from offset() on, or all that there are.
    std::string_view peek(size_t bytes) {
        const uint64_t wanted = at_end() ? 0 : std::min<uint64_t>(bytes, end_ - offset_);
        if (offset_ < begin_ || offset_ + wanted > begin_ + size_) {
            auto got =
                source_.read_at(window_.get(), std::min(kWindowBytes, end_ - offset_), offset_);
            if (!got) error_ = got.error();
            begin_ = offset_;
            size_ = got ? *got : 0;
        }
        return std::string_view(window_.get(), size_).substr(offset_ - begin_, wanted);
    }
    Header take_header(char type, uint64_t* value) {
        const std::string_view bytes = peek(kMaxDigits + 4);
        const char* p = bytes.data();
        const Header header = read_header(&p, p + bytes.size(), type, value);
        if (header == Header::kOk) offset_ += static_cast<uint64_t>(p - bytes.data());
        return header;
    }
    Header take_body(uint64_t length) {
        if (end_ - offset_ < length) return Header::kNeedMore;
        offset_ += length;
        const std::string_view line_end = peek(2);
        if (line_end != std::string_view("\r\n").substr(0, line_end.size()))
            return Header::kMalformed;
        if (line_end.size() < 2) return Header::kNeedMore;
        offset_ += 2;
        return Header::kOk;
    }

private:
    static constexpr uint64_t kWindowBytes = 64 * 1024;

    ByteSource& source_;
    uint64_t offset_;
    uint64_t end_;
    uint64_t begin_ = 0;  // file offset of the window
    size_t size_ = 0;
    std::unique_ptr<char[]> window_;
    std::optional<Error> error_;
};

}  // namespace tidemark::aof
