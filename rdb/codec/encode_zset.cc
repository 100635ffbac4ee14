#include "rdb/codec/encode_zset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/encoding/listpack.h"
#include "rdb/codec/type_numbers.h"

namespace tidemark::rdb {

namespace {

// Redis's zset-max-listpack-entries and -value.
constexpr uint64_t kZsetListpackMax = 128;
constexpr size_t kListpackMemberMax = 64;

// Integers up to here are exact as doubles.
constexpr double kExactMax = 9007199254740992;

void append_score(encoding::ListpackBuilder& pack, double score) {
    const bool is_minus_zero = score == 0 && std::signbit(score);
    if (std::abs(score) <= kExactMax && std::trunc(score) == score && !is_minus_zero) {
        pack.append_integer(static_cast<int64_t>(score));
    } else {
        pack.append(fmt::format("{}", score));  // "inf" and "-inf" are how Redis spells them, too
    }
}

}  // namespace

Status ZsetEncoder::begin(uint64_t count) {
    count_ = count;
    waiting_.clear();
    scores_.clear();
    is_collecting_ = true;
    const bool fits = out_.holds(type::kZsetListpack) && count <= kZsetListpackMax;
    return out_.is_compact() && fits ? Status() : make_plain();
}

Status ZsetEncoder::scored(std::string_view member, double score) {
    if (is_collecting_ && member.size() > kListpackMemberMax) TM_CHECK(make_plain());
    if (!is_collecting_) return write_plain(member, score);
    waiting_.add(member);
    scores_.push_back(score);
    return {};
}

Status ZsetEncoder::write_plain(std::string_view member, double score) {
    TM_CHECK(out_.text(member));
    if (out_.holds(type::kZset2)) {
        pack_double(out_.bytes(), score);
    } else {
        pack_text_double(out_.bytes(), score);
    }
    return {};
}

Status ZsetEncoder::make_plain() {
    if (!is_collecting_ || count_ == 0) return {};
    is_collecting_ = false;
    TM_CHECK(out_.begin(out_.holds(type::kZset2) ? type::kZset2 : type::kZset));
    TM_CHECK(out_.length(count_));
    for (size_t i = 0; i < waiting_.size(); ++i) TM_CHECK(write_plain(waiting_[i], scores_[i]));
    return {};
}

Status ZsetEncoder::end() {
    return is_collecting_ && count_ != 0 ? write_listpack() : Status();
}

Status ZsetEncoder::write_listpack() {
    std::vector<size_t> order(waiting_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        if (scores_[a] != scores_[b]) return scores_[a] < scores_[b];
        return waiting_[a] < waiting_[b];
    });
    encoding::ListpackBuilder pack;
    for (const size_t i : order) {
        pack.append(waiting_[i]);
        append_score(pack, scores_[i]);
    }
    TM_CHECK(out_.begin(type::kZsetListpack));
    return out_.blob(pack.finish());
}

}  // namespace tidemark::rdb
