// LZF unpacked piece by piece, for strings that are too large to be held: needs the last 8 KiB of
// what it has made and a piece of what it is made from, whatever the size.
//
//   000lllll, l + 1 bytes                  literals
//   LLLooooo [+1 where LLL is 7] oooooooo  LLL + 2 (+ the extra byte) bytes again, from o + 1 back
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"

namespace tidemark::rdb {

class LzfStream {
public:
    enum class State : uint8_t { kNeedsInput, kHasOutput, kDone, kDamaged };

    // Begins a string of `size` bytes; what was unpacked before is forgotten.
    void begin(uint64_t size);

    // Unpacks until `wanted` bytes are there to be consumed, the string is complete, or the packed
    // bytes are used up but for the beginning of an instruction. Sets `used` to how many were.
    State unpack(std::string_view packed, size_t& used, size_t wanted);

    std::string_view output() const { return {out_.data() + history_, out_.size() - history_}; }
    void consume(size_t bytes) { history_ += bytes; }
    uint64_t left_to_make() const { return left_; }

private:
    bool copy_back(size_t distance, size_t length);
    void forget_old();

    Buffer out_;          // history, then output
    size_t history_ = 0;  // bytes of it that were consumed
    uint64_t left_ = 0;   // of the string
};

}  // namespace tidemark::rdb
