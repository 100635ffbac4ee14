#include "aof/direct_image.h"

#include <cstdlib>
#include <cstring>

#include "aof/codec/annotation.h"
#include "base/assert.h"

namespace tidemark::aof {

namespace {

constexpr uint64_t kBlock = io::kDirectBlockBytes;
// A block of what is there, and one that the end is rounded up to.
constexpr size_t kMemoryBytes = DirectImage::kGroupBytesMax + 2 * kBlock;

static_assert(kBlock % kFillLineBytes == 0 && kMemoryBytes % kBlock == 0);

}  // namespace

void DirectImage::Free::operator()(char* memory) const {
    std::free(memory);
}

uint64_t DirectImage::block_end(uint64_t end) {
    return (end + kBlock - 1) / kBlock * kBlock;
}

Status DirectImage::begin(io::File& file, uint64_t position) {
    if (!memory_) memory_.reset(static_cast<char*>(std::aligned_alloc(kBlock, kMemoryBytes)));
    const uint64_t block = position / kBlock * kBlock;
    const size_t head = position - block;
    if (position == end_) {
        std::memmove(memory_.get(), memory_.get() + (block - offset_), head);
    } else if (TM_TRY(file.read_at(memory_.get(), head, block)) != head) {
        return fail(ErrorCode::kIo, "the log's last block is shorter than was written to it");
    }
    offset_ = block;
    end_ = position;
    size_ = head;
    return {};
}

void DirectImage::add(std::string_view bytes) {
    TM_ASSERT(bytes.size() <= kMemoryBytes - kBlock - size_);
    std::memcpy(memory_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    end_ += bytes.size();
}

void DirectImage::finish(std::string_view comment) {
    const uint64_t to = block_end(end_ + comment.size());
    char* const rest = memory_.get() + size_;
    write_inside_of_fill(rest, end_, to);
    std::memcpy(rest, comment.data(), comment.size());
    size_ = to - offset_;
}

}  // namespace tidemark::aof
