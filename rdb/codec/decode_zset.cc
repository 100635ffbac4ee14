// Sorted sets: members with their scores one by one, as text or binary, or in pairs in a ziplist or
// a listpack, by rising score.

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "rdb/codec/decoders.h"
#include "rdb/codec/decoding.h"

namespace tidemark::rdb {

namespace {

// The length of a score's text, or instead of it:
constexpr uint8_t kTextNan = 253;
constexpr uint8_t kTextInfinity = 254;
constexpr uint8_t kTextMinusInfinity = 255;

Result<double> score_of(Decoding& to, uint64_t begin, std::string_view text, ServerDoes server) {
    if (const auto score = parse_score(text)) return *score;
    if (is_nan_text(text)) return to.nan_score(begin, server);
    return to.bad(FindingCode::kBadScore, begin,
                  fmt::format("'{}' is not a score", printable(text)), server);
}

Result<double> text_score(Decoding& to) {
    const uint64_t begin = to.in.offset();
    const uint8_t length = TM_TRY(to.in.byte());
    switch (length) {
        case kTextNan:
            return to.nan_score(begin);
        case kTextInfinity:
            return std::numeric_limits<double>::infinity();
        case kTextMinusInfinity:
            return -std::numeric_limits<double>::infinity();
        default:
            break;
    }
    return score_of(to, begin, TM_TRY(to.in.source().take(length)), ServerDoes::kRefuses);
}

Result<double> binary_score(Decoding& to) {
    const uint64_t begin = to.in.offset();
    const double score = TM_TRY(to.in.binary_double());
    if (std::isnan(score)) return to.nan_score(begin);
    return score;
}

// A member's text must outlive the reading of its score, which may move the window.
class Member {
public:
    void keep(std::string_view text) { text_.assign(text); }
    std::string_view text() const { return text_; }

private:
    std::string text_;
};

template <class Score>
Status decode_plain(Decoding& to, uint64_t least_bytes, Score&& read_score) {
    const uint64_t count = TM_TRY(to.in.count(least_bytes));
    TM_CHECK(to.sink().begin_zset(count));
    to.unique.begin();
    Member member;
    for (uint64_t i = 0; i < count; ++i) {
        to.at_element(i);
        const uint64_t begin = to.in.offset();
        member.keep(TM_TRY(to.text()));
        TM_CHECK(to.must_be_new(member.text(), begin, "member"));
        const double score = TM_TRY(read_score(to));
        TM_CHECK(to.sink().scored(member.text(), score));
    }
    to.warn_if_empty(count);
    return to.all_must_be_new("member");
}

Result<double> packed_score(Decoding& to) {
    TM_CHECK(to.packed.next());
    const encoding::PackedValue& value = to.packed.value();
    if (value.is_integer) return static_cast<double>(value.integer);
    const std::string_view text = to.packed.long_bytes() == 0 ? value.bytes : "a long text";
    // A server leaves it as it is until somebody asks for it.
    return score_of(to, to.packed.element_offset(), text, ServerDoes::kLoads);
}

Status decode_packed(Decoding& to, PackedForm form) {
    TM_CHECK(to.open_packed(form));
    TM_CHECK(to.sink().begin_zset(TM_TRY(to.packed_count(2))));
    to.unique.begin();
    Member member;
    double before = -std::numeric_limits<double>::infinity();
    bool is_ordered = true;
    uint64_t count = 0;
    for (; !to.packed.at_end(); ++count) {
        to.at_element(count);
        TM_CHECK(to.packed.next());
        member.keep(TM_TRY(to.packed_text()));
        TM_CHECK(to.must_be_new(member.text(), to.packed.element_offset(), "member"));
        if (to.packed.long_bytes() > 0) TM_CHECK(to.packed.end_long());
        if (to.packed.at_end()) {
            return to.bad(FindingCode::kBadEncoding, to.packed.element_offset(),
                          "the last member has no score");
        }
        const double score = TM_TRY(packed_score(to));
        is_ordered = is_ordered && !(score < before);
        before = score;
        TM_CHECK(to.sink().scored(member.text(), score));
    }
    TM_CHECK(to.packed.end());
    if (!is_ordered) {
        to.warn(FindingCode::kScoreOrder, to.key().offset, "its scores are not in rising order");
    }
    to.warn_if_empty(count);
    return to.all_must_be_new("member");
}

}  // namespace

Status decode_zset_text(Decoding& to) {
    return decode_plain(to, 2, text_score);
}

Status decode_zset_binary(Decoding& to) {
    return decode_plain(to, 9, binary_score);
}

Status decode_zset_ziplist(Decoding& to) {
    return decode_packed(to, PackedForm::kZiplist);
}

Status decode_zset_listpack(Decoding& to) {
    return decode_packed(to, PackedForm::kListpack);
}

}  // namespace tidemark::rdb
