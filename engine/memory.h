// Where entries, their long values and the tables' buckets come from: mimalloc by name, so that a
// program that does not replace malloc accounts and behaves the same.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/assert.h"
#include "base/sanitized.h"

#if TM_SANITIZED || defined(TIDEMARK_MALLOC_SYSTEM)
#define TM_PLAIN_MALLOC 1  // so that the sanitizers see every block
#else
#include <mimalloc.h>
#endif

namespace tidemark::engine {

// Beyond this, whole pages.
inline constexpr size_t kLargestClass = 128 * 1024;

// Size of the block that a request of `bytes` gets: mimalloc's classes (steps of 16 bytes up to
// 128, then four to a doubling). Computed, because asking the allocator about a pointer means
// reading its page's header. A test compares it with mi_good_size.
constexpr size_t block_size(size_t bytes) {
    if (bytes <= 64) return bytes == 0 ? 16 : (bytes + 15) & ~size_t{15};
    if (bytes > kLargestClass) return (bytes + 4095) & ~size_t{4095};
    const size_t words = (bytes + 7) / 8 - 1;
    const auto shift = static_cast<unsigned>(std::bit_width(words)) - 3;
    return ((words >> shift) + 1) << shift << 3;
}

#ifdef TM_PLAIN_MALLOC
inline void* raw_allocate(size_t bytes) {
    return std::malloc(bytes);
}
inline void* raw_allocate_line(size_t bytes) {
    return std::aligned_alloc(64, bytes);
}
inline void* raw_reallocate(void* block, size_t bytes) {
    return std::realloc(block, bytes);
}
inline void release(void* block) {
    std::free(block);
}
#else
inline void* raw_allocate(size_t bytes) {
    return mi_malloc(bytes);
}
inline void* raw_allocate_line(size_t bytes) {
    return mi_malloc_aligned(bytes, 64);
}
inline void* raw_reallocate(void* block, size_t bytes) {
    return mi_realloc(block, bytes);
}
inline void release(void* block) {
    mi_free(block);
}
#endif

// Memory that is not there is not something that this program can go on from.
inline void* allocate(size_t bytes) {
    void* block = raw_allocate(bytes);
    TM_ASSERT(block != nullptr);
    return block;
}
// Aligned to a cache line; `bytes` is a multiple of 64.
inline void* allocate_lines(size_t bytes) {
    void* block = raw_allocate_line(bytes);
    TM_ASSERT(block != nullptr);
    return block;
}
inline void* reallocate(void* block, size_t bytes) {
    void* moved = raw_reallocate(block, bytes);
    TM_ASSERT(moved != nullptr);
    return moved;
}

}  // namespace tidemark::engine
