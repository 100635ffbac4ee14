// Hashes: fields with their values one by one, or in pairs in a zipmap, a ziplist, a listpack.

#include <fmt/format.h>

#include "rdb/codec/decoders.h"
#include "rdb/codec/decoding.h"
#include "rdb/codec/legacy/zipmap.h"

namespace tidemark::rdb {

namespace {

// What a server with the default configuration holds as a listpack. There it does not see a field
// for the second time, unless it sanitizes.
constexpr uint64_t kListpackFieldsMax = 512;
constexpr size_t kListpackTextMax = 64;

Status hand_on_field(Decoding& to, std::string_view field, uint64_t begin) {
    TM_CHECK(to.must_be_new(field, begin, "field"));
    return to.sink().field(field);
}

Status packed_field(Decoding& to) {
    TM_CHECK(to.packed.next());
    TM_CHECK(hand_on_field(to, TM_TRY(to.packed_text()), to.packed.element_offset()));
    if (to.packed.long_bytes() > 0) TM_CHECK(to.packed.end_long());
    if (!to.packed.at_end()) return {};
    return to.bad(FindingCode::kBadEncoding, to.packed.element_offset(),
                  "the last field has no value");
}

Status packed_value(Decoding& to) {
    TM_CHECK(to.packed.next());
    TM_CHECK(to.sink().field_value(TM_TRY(to.packed_text()), std::nullopt));
    if (to.packed.long_bytes() > 0) TM_CHECK(to.packed.end_long());
    return {};
}

Status decode_packed(Decoding& to, PackedForm form) {
    TM_CHECK(to.open_packed(form));
    TM_CHECK(to.sink().begin_hash(TM_TRY(to.packed_count(2))));
    to.unique.begin();
    uint64_t count = 0;
    for (; !to.packed.at_end(); ++count) {
        to.at_element(count);
        TM_CHECK(packed_field(to));
        TM_CHECK(packed_value(to));
    }
    TM_CHECK(to.packed.end());
    to.warn_if_empty(count);
    return to.all_must_be_new("field");
}

Status zipmap_pair(Decoding& to, legacy::ZipmapReader& zipmap) {
    const uint64_t begin = to.blob.file_offset();
    const uint64_t field = TM_TRY(zipmap.field_length());
    TM_CHECK(hand_on_field(to, TM_TRY(to.blob_text(field)), begin));
    const uint64_t value = TM_TRY(zipmap.value_length());
    TM_CHECK(to.sink().field_value(TM_TRY(to.blob_text(value)), std::nullopt));
    return zipmap.end_value();
}

}  // namespace

Status decode_hash(Decoding& to) {
    const uint64_t count = TM_TRY(to.in.count(2));
    TM_CHECK(to.sink().begin_hash(count));
    to.unique.begin();
    std::optional<ServerDoes> on_second;
    if (count <= kListpackFieldsMax) on_second = ServerDoes::kLoadsUnseen;
    for (uint64_t i = 0; i < count; ++i) {
        to.at_element(i);
        const uint64_t begin = to.in.offset();
        const std::string_view field = TM_TRY(to.text());
        if (field.size() > kListpackTextMax) on_second.reset();
        TM_CHECK(to.must_be_new(field, begin, "field", on_second));
        TM_CHECK(to.sink().field(field));
        const std::string_view value = TM_TRY(to.text());
        if (value.size() > kListpackTextMax) on_second.reset();
        TM_CHECK(to.sink().field_value(value, std::nullopt));
    }
    to.warn_if_empty(count);
    return to.all_must_be_new("field");
}

Status decode_hash_ziplist(Decoding& to) {
    return decode_packed(to, PackedForm::kZiplist);
}

Status decode_hash_listpack(Decoding& to) {
    return decode_packed(to, PackedForm::kListpack);
}

Status decode_hash_zipmap(Decoding& to) {
    TM_CHECK(to.blob.open());
    legacy::ZipmapReader zipmap(to.in, to.blob);
    TM_CHECK(zipmap.begin());
    const bool can_count = to.blob.is_whole() || to.in.source().can_go_back() ||
                           zipmap.declared_count() < legacy::kZipmapCountUnknown;
    TM_CHECK(to.sink().begin_hash(can_count ? TM_TRY(zipmap.count()) : kCountUnknown));
    to.unique.begin();
    uint64_t count = 0;
    for (; !zipmap.at_end(); ++count) {
        to.at_element(count);
        TM_CHECK(zipmap_pair(to, zipmap));
    }
    TM_CHECK(zipmap.end());
    if (zipmap.declared_count() > legacy::kZipmapCountUnknown) {
        to.warn(FindingCode::kZipmapCount, to.key().offset,
                "the zipmap's count byte is 255, where Redis knows 254 alone as unknown");
    }
    to.warn_if_empty_packed(count);
    return to.all_must_be_new("field");
}

}  // namespace tidemark::rdb
