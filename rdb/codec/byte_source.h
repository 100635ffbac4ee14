// The bytes of a dump, front to back: knows where it is, how much is left, and the checksum of what
// has been taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"

namespace tidemark::rdb {

// Where the bytes lie.
class Input {
public:
    virtual ~Input() = default;
    virtual uint64_t size() const = 0;
    // Bytes read; fewer than `length` only at the end.
    virtual Result<size_t> read_at(char* to, size_t length, uint64_t offset) = 0;
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
    explicit ByteSource(Input& input) : input_(input), size_(input.size()) {}

    uint64_t offset() const { return window_begin_ + taken_; }  // of the next byte
    uint64_t size() const { return size_; }
    uint64_t remaining() const { return size_ - offset(); }

    // The next `length` bytes, valid until the next call. More than remain: kTruncated, and nothing
    // is reserved for them.
    Result<std::string_view> take(uint64_t length) {
        if (window_.size() - taken_ < length) TM_CHECK(fill(length));
        const std::string_view bytes(window_.data() + taken_, length);
        taken_ += length;
        return bytes;
    }
    Result<uint8_t> byte() { return static_cast<uint8_t>(TM_TRY(take(1))[0]); }

    // CRC64 of every byte taken so far.
    uint64_t checksum() {
        sum_up();
        return crc_;
    }

private:
    Status fill(uint64_t length);
    void sum_up();

    Input& input_;
    uint64_t size_;
    Buffer window_;
    uint64_t window_begin_ = 0;  // its offset
    size_t taken_ = 0;           // of the window
    size_t summed_ = 0;          // of the window
    uint64_t crc_ = 0;
};

}  // namespace tidemark::rdb
