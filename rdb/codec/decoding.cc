#include "rdb/codec/decoding.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "base/ascii.h"
#include "rdb/codec/types.h"

namespace tidemark::rdb {

namespace {

// Pieces that a long string is handed on in; the same for every encoding, because its hash is
// chained over them.
constexpr size_t kPartBytes = 256 * 1024;
static_assert(kPartBytes < kWholeStringMax);

}  // namespace

void Decoding::begin(const KeyRecord& key, ValueSink& sink) {
    key_ = &key;
    sink_ = &sink;
    element_.reset();
    has_nan_ = false;
    in.set_looks(ServerLooks::kYes);
}

Result<std::string_view> Decoding::other_text() {
    const StringHead head = TM_TRY(in.string_head());
    if (std::max(head.size, head.packed) <= kWholeStringMax) return in.string_body(head);
    TM_CHECK(blob.open(head, kWholeStringMax));
    const std::string_view end = TM_TRY(blob_text(head.size));
    TM_CHECK(blob.close());
    return end;
}

Result<std::string_view> Decoding::packed_text() {
    is_long_ = false;
    if (packed.long_bytes() == 0) return packed.value().text(digits_);
    const std::string_view end = TM_TRY(blob_text(packed.long_bytes()));
    return end;
}

Result<std::string_view> Decoding::blob_text(uint64_t bytes) {
    is_long_ = bytes > kWholeStringMax;
    long_hash_ = {};
    if (is_long_) TM_CHECK(sink_->long_string(bytes));
    for (; bytes > kWholeStringMax; bytes -= kPartBytes) {
        TM_CHECK(blob.need(kPartBytes));
        const std::string_view part(blob.data(), kPartBytes);
        long_hash_ = hash128(part, long_hash_);
        TM_CHECK(sink_->part(part));
        blob.consume(kPartBytes);
    }
    const auto rest = static_cast<size_t>(bytes);
    TM_CHECK(blob.need(rest));
    const std::string_view end(blob.data(), rest);
    blob.consume(rest);
    return end;
}

Result<std::string_view> Decoding::held_text(std::string_view text) {
    if (text.size() <= kWholeStringMax) return text;
    TM_CHECK(sink_->long_string(text.size()));
    for (; text.size() > kWholeStringMax; text.remove_prefix(kPartBytes)) {
        TM_CHECK(sink_->part(text.substr(0, kPartBytes)));
    }
    return text;
}

Status Decoding::open_packed(PackedForm form) {
    TM_CHECK(blob.open());
    return packed.begin(form);
}

Result<uint64_t> Decoding::packed_count(uint64_t group) {
    const uint64_t begin = blob.file_offset();
    uint64_t count = packed.declared_count();
    if (!packed.is_count_known()) {
        if (!blob.is_whole() && !in.source().can_go_back()) return kCountUnknown;
        count = TM_TRY(packed.walk_count());
    }
    if (count % group == 0) return count / group;
    return bad(FindingCode::kBadEncoding, begin,
               fmt::format("{} elements do not belong together by {}", count, group));
}

Hash128 Decoding::hash_of(std::string_view text) const {
    return hash128(text, is_long_ ? long_hash_ : Hash128{});
}

Status Decoding::must_be_new(std::string_view text, uint64_t begin, std::string_view what,
                             std::optional<ServerDoes> server) {
    if (TM_TRY(unique.add(hash_of(text)))) return {};
    return bad(FindingCode::kDuplicateElement, begin,
               fmt::format("{} '{}' is there a second time", what, printable(text)), server);
}

Status Decoding::all_must_be_new(std::string_view what) {
    if (TM_TRY(unique.finish())) return {};
    element_.reset();
    return bad(FindingCode::kDuplicateElement, key_->offset,
               fmt::format("the same {} is there more than once", what));
}

void Decoding::warn(FindingCode code, uint64_t begin, std::string what,
                    std::optional<ServerDoes> server) {
    Finding finding;
    finding.code = code;
    finding.begin = begin;
    finding.end = in.offset();
    finding.db = key_->db;
    finding.key = key_->name;
    finding.has_key = true;
    finding.type = key_->type->number;
    finding.element = element_;
    finding.what = std::move(what);
    finding.server = server;
    sink_->warning(finding);
}

Result<double> Decoding::nan_score(uint64_t begin, ServerDoes server) {
    constexpr std::string_view kWhat = "the score of a member is not a number";
    if (nan_scores_ == NanScores::kRefuse)
        return bad(FindingCode::kNanScore, begin, std::string(kWhat), server);
    if (!has_nan_) warn(FindingCode::kNanScore, begin, std::string(kWhat), server);
    has_nan_ = true;
    return std::numeric_limits<double>::quiet_NaN();
}

void Decoding::warn_if_empty(uint64_t count) {
    if (count > 0) return;
    element_.reset();
    warn(FindingCode::kEmptyAggregate, key_->begin_offset,
         fmt::format("the {} has no elements", key_->type->kind));
}

void Decoding::warn_if_empty_packed(uint64_t count) {
    if (count > 0) return;
    element_.reset();
    warn(FindingCode::kEmptyPacked, key_->begin_offset,
         fmt::format("the {} has no elements, which a {} may not be", key_->type->kind,
                     key_->type->encoding));
}

std::optional<double> parse_score(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc{} && stop == end && !std::isnan(value)) return value;
    return parse_double(text);  // what strtod takes besides
}

bool is_nan_text(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return same_word(text, "nan");
}

}  // namespace tidemark::rdb
