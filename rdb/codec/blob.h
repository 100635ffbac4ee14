// A string of the file whose bytes have a structure of their own, or which is too long to be held:
// walked front to back, whether it is stored as it is or compressed.
//
// Up to kWholeBlobMax it is held (in the source's window, or unpacked). A longer one is walked in
// pieces: a window of the file, and 8 KiB of history if it is compressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rdb/codec/lzf_stream.h"
#include "rdb/codec/primitives.h"

namespace tidemark::rdb {

inline constexpr uint64_t kWholeBlobMax = 8 * 1024 * 1024;

class Blob {
public:
    explicit Blob(Primitives& in) : in_(in) {}

    // Begins with the string that comes next in the file, or with one whose head was read.
    Status open() { return open(TM_TRY(in_.string_head()), kWholeBlobMax); }
    Status open(const StringHead& head, uint64_t whole_max);
    // The same to look at its first bytes only: no more is unpacked than is asked for.
    Status open_to_peek(const StringHead& head);

    uint64_t size() const { return head_.size; }
    uint64_t left() const { return left_; }
    bool is_whole() const { return mode_ == Mode::kWhole; }
    std::string_view whole() const { return whole_; }  // if it is

    // Makes `bytes` available at data(), or all that are left. Views into it end here.
    Status need(size_t bytes) {
        if (available_ >= bytes || available_ == left_) return {};
        return refill(bytes);
    }
    const char* data() const { return at_; }
    size_t available() const { return available_; }
    void consume(size_t bytes) {
        at_ += bytes;
        available_ -= bytes;
        left_ -= bytes;
    }
    // To its first byte again; the source must be able to go back if it is not whole.
    Status rewind();
    // Behind it in the file. Everything was consumed.
    Status close();

    // Where the byte at data() is in the file; of a compressed one, where the string begins.
    uint64_t file_offset() const;

private:
    enum class Mode : uint8_t { kWhole, kPlain, kCompressed };

    Status refill(size_t bytes);
    Status refill_compressed(size_t bytes);
    tl::unexpected<Error> cannot_unpack();

    Primitives& in_;
    StringHead head_;
    Mode mode_ = Mode::kWhole;
    std::string_view whole_;
    uint64_t body_begin_ = 0;  // offset in the file
    const char* at_ = nullptr;
    size_t available_ = 0;
    uint64_t left_ = 0;
    size_t step_ = 0;  // bytes that are made available at least, if there are as many
    size_t lent_ = 0;  // of the source or the unpacked bytes, when last refilled
    uint64_t packed_left_ = 0;
    LzfStream lzf_;
};

}  // namespace tidemark::rdb
