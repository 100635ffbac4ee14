#include "rdb/codec/encode_set.h"

#include <algorithm>

#include "base/number.h"
#include "engine/encoding/intset.h"
#include "engine/encoding/listpack.h"
#include "rdb/codec/type_numbers.h"

namespace tidemark::rdb {

namespace {

// Redis's set-max-intset-entries, set-max-listpack-entries and -value.
constexpr uint64_t kIntsetMax = 512;
constexpr uint64_t kSetListpackMax = 128;
constexpr size_t kListpackMemberMax = 64;

}  // namespace

Status SetEncoder::begin(uint64_t count) {
    count_ = count;
    longest_ = 0;
    waiting_.clear();
    integers_.clear();
    is_collecting_ = true;
    return out_.is_compact() && count <= kIntsetMax ? Status() : make_plain();
}

bool SetEncoder::fits_listpack() const {
    return out_.holds(type::kSetListpack) && count_ <= kSetListpackMax &&
           longest_ <= kListpackMemberMax;
}

Status SetEncoder::member(std::string_view text) {
    if (!is_collecting_) return out_.text(text);
    if (integers_.size() == waiting_.size()) {
        if (const auto integer = parse_int64(text)) integers_.push_back(*integer);
    }
    waiting_.add(text);
    longest_ = std::max(longest_, text.size());
    return integers_.size() == waiting_.size() || fits_listpack() ? Status() : make_plain();
}

Status SetEncoder::make_plain() {
    if (!is_collecting_ || count_ == 0) return {};
    is_collecting_ = false;
    TM_CHECK(out_.begin(type::kSet));
    TM_CHECK(out_.length(count_));
    for (size_t i = 0; i < waiting_.size(); ++i) TM_CHECK(out_.text(waiting_[i]));
    return {};
}

Status SetEncoder::end() {
    if (!is_collecting_ || count_ == 0) return {};
    return integers_.size() == waiting_.size() ? write_intset() : write_listpack();
}

Status SetEncoder::write_intset() {
    std::sort(integers_.begin(), integers_.end());
    TM_CHECK(out_.begin(type::kSetIntset));
    return out_.blob(encoding::build_intset(integers_));
}

Status SetEncoder::write_listpack() {
    encoding::ListpackBuilder pack;
    for (size_t i = 0; i < waiting_.size(); ++i) pack.append(waiting_[i]);
    TM_CHECK(out_.begin(type::kSetListpack));
    return out_.blob(pack.finish());
}

}  // namespace tidemark::rdb
