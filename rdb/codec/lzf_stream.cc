#include "rdb/codec/lzf_stream.h"

#include <algorithm>

namespace tidemark::rdb {

namespace {

constexpr size_t kDistanceMax = 8192;
// History beyond what can be referred to is moved away only when there is this much of it.
constexpr size_t kForgetBytes = 128 * 1024;
constexpr size_t kLiteralsMax = 32;

}  // namespace

void LzfStream::begin(uint64_t size) {
    out_.clear();
    history_ = 0;
    left_ = size;
}

void LzfStream::forget_old() {
    if (history_ < kDistanceMax + kForgetBytes) return;
    out_.consume(history_ - kDistanceMax);
    history_ = kDistanceMax;
}

bool LzfStream::copy_back(size_t distance, size_t length) {
    if (distance > out_.size() || length > left_) return false;
    char* to = out_.reserve(length);
    const char* from = to - distance;
    for (size_t i = 0; i < length; ++i) to[i] = from[i];  // they may overlap, on purpose
    out_.commit(length);
    left_ -= length;
    return true;
}

LzfStream::State LzfStream::unpack(std::string_view packed, size_t& used, size_t wanted) {
    forget_old();
    const auto byte = [&](size_t at) { return static_cast<uint8_t>(packed[at]); };
    used = 0;
    while (output().size() < wanted && left_ > 0) {
        const size_t available = packed.size() - used;
        if (available == 0) return State::kNeedsInput;
        const size_t control = byte(used);
        if (control < kLiteralsMax) {
            const size_t length = control + 1;
            if (available < 1 + length) return State::kNeedsInput;
            if (length > left_) return State::kDamaged;
            out_.append(packed.substr(used + 1, length));
            left_ -= length;
            used += 1 + length;
            continue;
        }
        const bool is_long = control >> 5 == 7;
        const size_t size = is_long ? 3 : 2;
        if (available < size) return State::kNeedsInput;
        const size_t length = (control >> 5) + 2 + (is_long ? byte(used + 1) : 0);
        const size_t distance = ((control & 31) << 8 | byte(used + size - 1)) + 1;
        if (!copy_back(distance, length)) return State::kDamaged;
        used += size;
    }
    return left_ == 0 ? State::kDone : State::kHasOutput;
}

}  // namespace tidemark::rdb
