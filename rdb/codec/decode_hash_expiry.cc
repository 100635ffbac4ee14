// Hashes whose fields expire one by one.
//
//   24  int64 least expiry | length n | (length d, field, value)...   expiry: least + d - 1; d 0:
//   none 25  int64 least expiry | string: listpack of (field, value, expiry), by rising expiry,
//   then
//       those without (0)
//   22, 23 of Redis (before 7.4 was released)   the same without the least; 22 has absolute times
//   22 of Valkey   length n | (field, value, int64 expiry)...   -1: none
//
// Times are unix milliseconds.

#include <fmt/format.h>

#include "rdb/codec/decoders.h"
#include "rdb/codec/decoding.h"

namespace tidemark::rdb {

namespace {

using Expiry = std::optional<int64_t>;

constexpr uint64_t kExpiryMax = (uint64_t{1} << 48) - 1;

tl::unexpected<Error> bad_expiry(Decoding& to, uint64_t begin, std::string_view time) {
    return to.bad(FindingCode::kBadExpiry, begin,
                  fmt::format("{} is no time at which a field can expire", time));
}

// 0: none.
Result<Expiry> absolute_expiry(Decoding& to, uint64_t begin, uint64_t time) {
    if (time == 0) return Expiry();
    if (time > kExpiryMax) return bad_expiry(to, begin, std::to_string(time));
    return Expiry(static_cast<int64_t>(time));
}

// Redis's own mark for "no field expires" is one above the largest time.
Result<uint64_t> least_expiry(Decoding& to) {
    const uint64_t begin = to.in.offset();
    const int64_t least = TM_TRY(to.in.int64());
    if (least >= 0 && static_cast<uint64_t>(least) <= kExpiryMax + 1) {
        return static_cast<uint64_t>(least);
    }
    return bad_expiry(to, begin, std::to_string(least));
}

Status field_from_file(Decoding& to) {
    const uint64_t begin = to.in.offset();
    const std::string_view field = TM_TRY(to.text());
    TM_CHECK(to.must_be_new(field, begin, "field"));
    return to.sink().field(field);
}

// Where the time stands in front of field and value.
template <class ReadExpiry>
Status decode_plain(Decoding& to, ReadExpiry&& read_expiry) {
    const uint64_t count = TM_TRY(to.in.count(3));
    TM_CHECK(to.sink().begin_hash(count));
    to.unique.begin();
    for (uint64_t i = 0; i < count; ++i) {
        to.at_element(i);
        const uint64_t begin = to.in.offset();
        const uint64_t time = TM_TRY(to.in.length());
        const Expiry expiry = TM_TRY(read_expiry(begin, time));
        TM_CHECK(field_from_file(to));
        TM_CHECK(to.sink().field_value(TM_TRY(to.text()), expiry));
    }
    to.warn_if_empty(count);
    return to.all_must_be_new("field");
}

// A field of the listpack; its value must be kept until its time is known.
class Triples {
public:
    explicit Triples(Decoding& to) : to_(to) {}

    Status next() {
        TM_CHECK(to_.packed.next());
        const std::string_view field = TM_TRY(to_.packed_text());
        TM_CHECK(to_.must_be_new(field, to_.packed.element_offset(), "field"));
        TM_CHECK(to_.sink().field(field));
        if (to_.packed.long_bytes() > 0) TM_CHECK(to_.packed.end_long());
        TM_CHECK(must_go_on());
        TM_CHECK(to_.packed.next());
        value_.assign(TM_TRY(to_.packed_text()));
        if (to_.packed.long_bytes() > 0) TM_CHECK(to_.packed.end_long());
        TM_CHECK(must_go_on());
        return to_.sink().field_value(value_, TM_TRY(expiry()));
    }

private:
    Status must_go_on() {
        if (!to_.packed.at_end()) return {};
        return to_.bad(FindingCode::kBadEncoding, to_.packed.element_offset(),
                       "the last field is not complete");
    }

    Result<Expiry> expiry() {
        TM_CHECK(to_.packed.next());
        const uint64_t begin = to_.packed.element_offset();
        const encoding::PackedValue& time = to_.packed.value();
        if (!time.is_integer) return bad_expiry(to_, begin, printable(time.bytes));
        if (time.integer < 0) return bad_expiry(to_, begin, std::to_string(time.integer));
        const Expiry found =
            TM_TRY(absolute_expiry(to_, begin, static_cast<uint64_t>(time.integer)));
        if (found && (is_without_ || *found < before_)) {
            return to_.bad(FindingCode::kBadOrder, begin,
                           "the fields are not by rising time, those without at the end");
        }
        is_without_ = !found;
        before_ = found.value_or(0);
        return found;
    }

    Decoding& to_;
    std::string value_;
    int64_t before_ = 0;
    bool is_without_ = false;  // those without an expiry have begun
};

Status decode_triples(Decoding& to) {
    TM_CHECK(to.open_packed(PackedForm::kListpack));
    TM_CHECK(to.sink().begin_hash(TM_TRY(to.packed_count(3))));
    to.unique.begin();
    Triples triples(to);
    uint64_t count = 0;
    for (; !to.packed.at_end(); ++count) {
        to.at_element(count);
        TM_CHECK(triples.next());
    }
    TM_CHECK(to.packed.end());
    to.warn_if_empty(count);
    return to.all_must_be_new("field");
}

}  // namespace

Status decode_hash_expiry(Decoding& to) {
    const uint64_t least = TM_TRY(least_expiry(to));
    return decode_plain(to, [&](uint64_t begin, uint64_t distance) -> Result<Expiry> {
        if (distance == 0) return Expiry();
        if (distance > kExpiryMax) return bad_expiry(to, begin, std::to_string(distance));
        return absolute_expiry(to, begin, least + distance - 1);
    });
}

Status decode_hash_expiry_early(Decoding& to) {
    return decode_plain(
        to, [&](uint64_t begin, uint64_t time) { return absolute_expiry(to, begin, time); });
}

Status decode_hash_expiry_listpack(Decoding& to) {
    TM_TRY(least_expiry(to));
    return decode_triples(to);
}

Status decode_hash_expiry_listpack_early(Decoding& to) {
    return decode_triples(to);
}

Status decode_hash_expiry_valkey(Decoding& to) {
    constexpr int64_t kNone = -1;
    const uint64_t count = TM_TRY(to.in.count(10));
    TM_CHECK(to.sink().begin_hash(count));
    to.unique.begin();
    std::string value;
    for (uint64_t i = 0; i < count; ++i) {
        to.at_element(i);
        TM_CHECK(field_from_file(to));
        value.assign(TM_TRY(to.text()));  // the end of a long one
        const uint64_t begin = to.in.offset();
        const int64_t time = TM_TRY(to.in.int64());
        if (time < kNone) return bad_expiry(to, begin, std::to_string(time));
        TM_CHECK(to.sink().field_value(value, time == kNone ? Expiry() : Expiry(time)));
    }
    to.warn_if_empty(count);
    return to.all_must_be_new("field");
}

}  // namespace tidemark::rdb
