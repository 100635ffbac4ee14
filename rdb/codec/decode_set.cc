// Sets: members one by one, an intset, a listpack.

#include <fmt/format.h>

#include "engine/encoding/intset.h"
#include "rdb/codec/decoders.h"
#include "rdb/codec/decoding.h"

namespace tidemark::rdb {

namespace {

Status hand_on(Decoding& to, std::string_view member, uint64_t begin) {
    TM_CHECK(to.must_be_new(member, begin, "member"));
    return to.sink().member(member);
}

}  // namespace

Status decode_set(Decoding& to) {
    const uint64_t count = TM_TRY(to.in.count(1));
    TM_CHECK(to.sink().begin_set(count));
    to.unique.begin();
    for (uint64_t i = 0; i < count; ++i) {
        to.at_element(i);
        const uint64_t begin = to.in.offset();
        TM_CHECK(hand_on(to, TM_TRY(to.text()), begin));
    }
    to.warn_if_empty(count);
    return to.all_must_be_new("member");
}

Status decode_set_listpack(Decoding& to) {
    TM_CHECK(to.open_packed(PackedForm::kListpack));
    TM_CHECK(to.sink().begin_set(TM_TRY(to.packed_count(1))));
    to.unique.begin();
    while (!to.packed.at_end()) {
        to.at_element(to.packed.seen());
        TM_CHECK(to.packed.next());
        TM_CHECK(hand_on(to, TM_TRY(to.packed_text()), to.packed.element_offset()));
        if (to.packed.long_bytes() > 0) TM_CHECK(to.packed.end_long());
    }
    to.warn_if_empty(to.packed.seen());
    TM_CHECK(to.packed.end());
    return to.all_must_be_new("member");
}

Status decode_set_intset(Decoding& to) {
    TM_CHECK(to.blob.open());
    TM_CHECK(to.blob.need(encoding::kIntsetHeadBytes));
    const uint64_t begin = to.blob.file_offset();
    auto head = encoding::parse_intset_head({to.blob.data(), to.blob.available()}, to.blob.size());
    if (!head) return to.bad(FindingCode::kBadEncoding, begin, head.error().what);
    to.blob.consume(encoding::kIntsetHeadBytes);

    TM_CHECK(to.sink().begin_set(head->count));
    encoding::Digits digits;
    int64_t before = 0;
    for (uint64_t i = 0; i < head->count; ++i) {
        to.at_element(i);
        TM_CHECK(to.blob.need(head->width));
        const int64_t member = encoding::intset_integer(to.blob.data(), head->width);
        if (i > 0 && member <= before) {
            return to.bad(
                FindingCode::kBadOrder, to.blob.file_offset(),
                fmt::format("the intset is not ascending: {} is before {}", before, member),
                ServerDoes::kLoadsUnseen);
        }
        before = member;
        to.blob.consume(head->width);
        TM_CHECK(to.sink().member({digits, write_int64(digits, member)}));
    }
    to.warn_if_empty_packed(head->count);
    return to.blob.close();
}

}  // namespace tidemark::rdb
