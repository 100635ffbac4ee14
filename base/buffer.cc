#include "base/buffer.h"

#include <algorithm>
#include <cstdlib>

#include "base/assert.h"

namespace tidemark {

namespace {

// The smallest useful reply buffer: a page of short replies without a second allocation.
constexpr size_t kMinimumCapacity = 256;

}  // namespace

void Buffer::release() {
    std::free(data_);
    data_ = nullptr;
    begin_ = end_ = capacity_ = 0;
}

void Buffer::grow(size_t bytes) {
    const size_t used = size();
    // Sliding to the front is enough when at least half of it is free.
    if (begin_ > 0 && used + bytes <= capacity_ && used <= capacity_ / 2) {
        std::memmove(data_, data_ + begin_, used);
    } else {
        const size_t wanted = std::max({kMinimumCapacity, capacity_ * 2, used + bytes});
        char* fresh = static_cast<char*>(std::malloc(wanted));
        TM_ASSERT(fresh != nullptr);
        if (used > 0) std::memcpy(fresh, data_ + begin_, used);
        std::free(data_);
        data_ = fresh;
        capacity_ = wanted;
    }
    begin_ = 0;
    end_ = used;
}

}  // namespace tidemark
