// The bytes of a dump, front to back: knows where it is, how much is left, and the checksum of what
// has been taken.
//
// It holds a window of 256 KiB, more only while a caller asks for more at once. What a length
// claims is never reserved before the bytes have come.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"

namespace tidemark::rdb {

// A pipe, or something compressed: where it ends is known when it has ended.
inline constexpr uint64_t kUnknownSize = UINT64_MAX;

// Where the bytes lie.
class Input {
public:
    virtual ~Input() = default;
    virtual uint64_t size() const = 0;  // or kUnknownSize
    // Bytes read; fewer than `length` only at the end. Offsets rise without gaps, unless a reader
    // goes elsewhere on purpose: back to skip a value that is damaged or to count its elements
    // ahead, forward after damage.
    virtual Result<size_t> read_at(char* to, size_t length, uint64_t offset) = 0;
    virtual bool can_go_back() const { return true; }
};

class MemoryInput final : public Input {
public:
    explicit MemoryInput(std::string_view bytes) : bytes_(bytes) {}
    uint64_t size() const override { return bytes_.size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override;

private:
    std::string_view bytes_;
};

class ByteSource {
public:
    explicit ByteSource(Input& input);

    uint64_t offset() const { return window_begin_ + taken_; }  // of the next byte
    uint64_t size() const { return size_; }
    // At most; kUnknownSize where nobody knows.
    uint64_t remaining() const {
        if (size_ == kUnknownSize) return kUnknownSize;
        return size_ - std::min(size_, offset());
    }

    // What lies in the window already, and taking from it.
    const char* at() const { return window_.data() + taken_; }
    size_t available() const { return window_.size() - taken_; }
    void advance(size_t length) { taken_ += length; }

    // The next `length` bytes, valid until the next call. More than remain: kTruncated.
    Result<std::string_view> take(uint64_t length) {
        if (available() < length) TM_CHECK(fill(length));
        const std::string_view bytes(at(), length);
        taken_ += length;
        return bytes;
    }
    Result<uint8_t> byte() { return static_cast<uint8_t>(TM_TRY(take(1))[0]); }
    // Makes `length` bytes available, or all that are left; not taken.
    Status look_ahead(size_t length);
    // Takes and forgets. Jumps where no checksum is at stake any more.
    Status skip(uint64_t length);

    bool can_go_back() const { return input_.can_go_back(); }
    // Goes on elsewhere. Forward out of the window, bytes are left out, and there is no checksum
    // from then on; what was taken before and is taken again counts once.
    void seek(uint64_t offset);

    // CRC64 of every byte up to here; nullopt when some were left out.
    std::optional<uint64_t> checksum() {
        sum_up();
        if (has_gap_) return std::nullopt;
        return crc_;
    }

private:
    Status fill(uint64_t length);
    Result<size_t> read_more(uint64_t wanted);
    void make_room();
    void sum_up();

    Input& input_;
    uint64_t size_;
    Buffer window_;
    uint64_t window_begin_ = 0;  // its offset
    size_t taken_ = 0;           // of the window
    size_t portion_;             // bytes that are read at once; few after a seek
    uint64_t summed_end_ = 0;    // offset up to which crc_ goes
    uint64_t crc_ = 0;
    bool has_gap_ = false;
};

}  // namespace tidemark::rdb
