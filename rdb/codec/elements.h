// Strings that wait until enough is known to write them: in one buffer, in their order.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/buffer.h"

namespace tidemark::rdb {

class Elements {
public:
    void add(std::string_view text) {
        bytes_.append(text);
        ends_.push_back(bytes_.size());
    }
    size_t size() const { return ends_.size(); }
    size_t bytes() const { return bytes_.size() + ends_.size() * sizeof(size_t); }
    std::string_view operator[](size_t index) const {
        const size_t begin = index == 0 ? 0 : ends_[index - 1];
        return bytes_.view().substr(begin, ends_[index] - begin);
    }
    void clear() {
        bytes_.clear();
        ends_.clear();
    }

private:
    Buffer bytes_;
    std::vector<size_t> ends_;
};

}  // namespace tidemark::rdb
