// What one direct write carries: whole blocks, because the disk takes no less past the page cache.
//
//   | end of what is there | groups | # | fill up to the block's end |
//   ^ offset(), a multiple of a block
//
// The bytes in front are written again as they are; those behind are the fill that the window has
// there anyway. Blocks of the window only: the file must not grow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "io/disk.h"

namespace tidemark::aof {

class DirectImage {
public:
    // The most that begin() and add() may be given between them; what is larger gains nothing.
    static constexpr size_t kGroupBytesMax = 256 * 1024;
    // The end of the block that file offset `end` lies in, or ends.
    static uint64_t block_end(uint64_t end);

    // A new image, for groups that go to `position`, the end of what `file` holds. Reads the block
    // that lies there, unless the last image ended there.
    Status begin(io::File& file, uint64_t position);
    void add(std::string_view bytes);
    // `comment` turns the rest of the line that the groups end in into a comment of its own.
    void finish(std::string_view comment);

    std::string_view bytes() const { return {memory_.get(), size_}; }
    uint64_t offset() const { return offset_; }
    uint64_t end() const { return end_; }  // of the groups, in the file

private:
    struct Free {
        void operator()(char* memory) const;
    };

    std::unique_ptr<char[], Free> memory_;  // kept; aligned to a block
    size_t size_ = 0;
    uint64_t offset_ = 0;
    uint64_t end_ = 0;
};

}  // namespace tidemark::aof
