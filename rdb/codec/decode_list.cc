// Lists: elements one by one, a ziplist, or a quicklist, whose nodes are ziplists, listpacks or
// single large elements.
//
//   quicklist     length nodes | (string: ziplist)...
//   quicklist 2   length nodes | (length container | string: an element (1) or a listpack (2))...
//
// How many elements a quicklist has stands nowhere but in the heads of its nodes. They are looked
// at first, by framing, and then everything is read from the front again.

#include <fmt/format.h>

#include "engine/encoding/listpack.h"
#include "engine/encoding/little_endian.h"
#include "rdb/codec/decoders.h"
#include "rdb/codec/decoding.h"
#include "rdb/codec/legacy/ziplist.h"

namespace tidemark::rdb {

namespace {

enum class QuicklistForm : uint8_t { kZiplists, kListpacks };

constexpr uint64_t kContainerPlain = 1;
constexpr uint64_t kContainerPacked = 2;

PackedForm packed_form(QuicklistForm form) {
    return form == QuicklistForm::kZiplists ? PackedForm::kZiplist : PackedForm::kListpack;
}

// Elements of the packed blob, numbered from `index` on.
Status hand_on_packed(Decoding& to, uint64_t& index) {
    for (; !to.packed.at_end(); ++index) {
        to.at_element(index);
        TM_CHECK(to.packed.next());
        TM_CHECK(to.sink().element(TM_TRY(to.packed_text())));
        if (to.packed.long_bytes() > 0) TM_CHECK(to.packed.end_long());
    }
    return to.packed.end();
}

// Whether the node that comes next is a single element.
Result<bool> is_plain_node(Decoding& to, QuicklistForm form) {
    if (form == QuicklistForm::kZiplists) return false;
    const uint64_t begin = to.in.offset();
    const uint64_t container = TM_TRY(to.in.length());
    if (container == kContainerPlain) return true;
    if (container == kContainerPacked) return false;
    return to.bad(FindingCode::kBadEncoding, begin,
                  fmt::format("{} is no container of a quicklist's node", container));
}

// Elements of the packed node that comes next. Where its head does not know, it is walked.
Result<uint64_t> count_packed_node(Decoding& to, QuicklistForm form) {
    const PackedForm packed = packed_form(form);
    const StringHead head = TM_TRY(to.in.string_head());
    const uint64_t body = to.in.offset();
    TM_CHECK(to.blob.open_to_peek(head));
    TM_CHECK(to.packed.begin(packed));
    if (to.packed.is_count_known()) {
        const uint64_t count = to.packed.declared_count();
        to.in.source().seek(body);
        TM_CHECK(to.in.source().skip(head.packed));
        return count;
    }
    uint64_t count = 0;
    for (; !to.packed.at_end(); ++count) {
        TM_CHECK(to.packed.next());
        TM_CHECK(to.packed.skip_long());
    }
    TM_CHECK(to.packed.end());
    return count;
}

// Goes to the end of the value and back. What is wrong is found again by who reads it in earnest.
Result<uint64_t> count_quicklist(Decoding& to, QuicklistForm form, uint64_t nodes) {
    if (!to.in.source().can_go_back()) return kCountUnknown;
    const uint64_t begin = to.in.offset();
    uint64_t count = 0;
    for (uint64_t i = 0; i < nodes; ++i) {
        const auto is_plain = is_plain_node(to, form);
        if (!is_plain) break;
        if (*is_plain) {
            if (!to.in.skip_string()) break;
            ++count;
            continue;
        }
        const auto elements = count_packed_node(to, form);
        if (!elements) break;
        count += *elements;
    }
    to.in.forget_finding();
    to.in.set_looks(ServerLooks::kYes);
    to.in.source().seek(begin);
    return count;
}

// Redis takes one without bytes for one that cannot be read.
Status plain_node(Decoding& to, uint64_t index) {
    const uint64_t begin = to.in.offset();
    to.at_element(index);
    const std::string_view text = TM_TRY(to.text());
    if (!text.empty()) return to.sink().element(text);
    return to.bad(FindingCode::kBadEncoding, begin, "a node of the quicklist is an empty element");
}

Status decode_node(Decoding& to, QuicklistForm form, uint64_t& index) {
    const uint64_t begin = to.in.offset();
    to.at_element(index);
    if (TM_TRY(is_plain_node(to, form))) return plain_node(to, index++);
    TM_CHECK(to.open_packed(packed_form(form)));
    if (to.packed.at_end()) {
        to.warn(FindingCode::kEmptyAggregate, begin, "a node of the list is empty",
                ServerDoes::kLoads);
    }
    return hand_on_packed(to, index);
}

Status decode_nodes(Decoding& to, QuicklistForm form) {
    const uint64_t nodes = TM_TRY(to.in.count(1));
    TM_CHECK(to.sink().begin_list(TM_TRY(count_quicklist(to, form, nodes))));
    uint64_t index = 0;
    for (uint64_t i = 0; i < nodes; ++i) TM_CHECK(decode_node(to, form, index));
    to.warn_if_empty(index);
    return {};
}

}  // namespace

Status decode_list(Decoding& to) {
    const uint64_t count = TM_TRY(to.in.count(1));
    TM_CHECK(to.sink().begin_list(count));
    for (uint64_t i = 0; i < count; ++i) {
        to.at_element(i);
        TM_CHECK(to.sink().element(TM_TRY(to.text())));
    }
    to.warn_if_empty(count);
    return {};
}

Status decode_list_ziplist(Decoding& to) {
    TM_CHECK(to.open_packed(PackedForm::kZiplist));
    TM_CHECK(to.sink().begin_list(TM_TRY(to.packed_count(1))));
    uint64_t index = 0;
    TM_CHECK(hand_on_packed(to, index));
    to.warn_if_empty(index);
    return {};
}

Status decode_quicklist_ziplists(Decoding& to) {
    return decode_nodes(to, QuicklistForm::kZiplists);
}

Status decode_quicklist(Decoding& to) {
    return decode_nodes(to, QuicklistForm::kListpacks);
}

}  // namespace tidemark::rdb
