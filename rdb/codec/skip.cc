#include "rdb/codec/skip.h"

#include "rdb/codec/module.h"

namespace tidemark::rdb {

namespace {

constexpr uint64_t kStreamIdBytes = 16;

Status skip_lengths(Primitives& in, int count) {
    for (int i = 0; i < count; ++i) TM_TRY(in.length());
    return {};
}

Status skip_strings(Primitives& in, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) TM_CHECK(in.skip_string());
    return {};
}

Status skip_text_score(Primitives& in) {
    constexpr uint8_t kFirstWithoutText = 253;
    const uint8_t length = TM_TRY(in.byte());
    return length >= kFirstWithoutText ? Status() : in.source().skip(length);
}

// A length, and so many times what `skip_one` skips.
template <class SkipOne>
Status skip_each(Primitives& in, uint64_t least_bytes, SkipOne&& skip_one) {
    const uint64_t count = TM_TRY(in.count(least_bytes));
    for (uint64_t i = 0; i < count; ++i) TM_CHECK(skip_one());
    return {};
}

Status skip_pending(Primitives& in) {
    TM_CHECK(in.source().skip(kStreamIdBytes + 8));
    return skip_lengths(in, 1);
}

Status skip_consumer(Primitives& in, Shape shape) {
    TM_CHECK(in.skip_string());
    TM_CHECK(in.source().skip(shape >= Shape::kStream3 ? 16 : 8));
    const uint64_t owned = TM_TRY(in.count(kStreamIdBytes));
    return in.source().skip(owned * kStreamIdBytes);
}

Status skip_group(Primitives& in, Shape shape) {
    TM_CHECK(in.skip_string());
    TM_CHECK(skip_lengths(in, shape >= Shape::kStream2 ? 3 : 2));
    TM_CHECK(skip_each(in, kStreamIdBytes + 9, [&] { return skip_pending(in); }));
    return skip_each(in, 10, [&] { return skip_consumer(in, shape); });
}

Status skip_iid(Primitives& in) {
    TM_CHECK(in.skip_string());
    return skip_lengths(in, 2);
}

Status skip_producer(Primitives& in) {
    TM_CHECK(in.skip_string());
    return skip_each(in, 3, [&] { return skip_iid(in); });
}

Status skip_producers(Primitives& in) {
    TM_CHECK(skip_lengths(in, 2));
    TM_CHECK(skip_each(in, 2, [&] { return skip_producer(in); }));
    return skip_lengths(in, 2);
}

Status skip_stream(Primitives& in, Shape shape) {
    TM_CHECK(skip_each(in, 2 + kStreamIdBytes, [&] { return skip_strings(in, 2); }));
    TM_CHECK(skip_lengths(in, shape >= Shape::kStream2 ? 8 : 3));
    TM_CHECK(skip_each(in, 4, [&] { return skip_group(in, shape); }));
    return shape >= Shape::kStream4 ? skip_producers(in) : Status();
}

}  // namespace

Status skip_value(Primitives& in, Shape shape) {
    const auto expiry_pair = [&]() -> Status {
        TM_CHECK(skip_lengths(in, 1));
        return skip_strings(in, 2);
    };
    switch (shape) {
        case Shape::kUnknown:
            return in.bad(FindingCode::kUnsupported, in.offset(), "its end cannot be found");
        case Shape::kString:
            return in.skip_string();
        case Shape::kStrings:
            return skip_each(in, 1, [&] { return in.skip_string(); });
        case Shape::kPairs:
            return skip_each(in, 2, [&] { return skip_strings(in, 2); });
        case Shape::kTextScores:
            return skip_each(in, 2, [&]() -> Status {
                TM_CHECK(in.skip_string());
                return skip_text_score(in);
            });
        case Shape::kBinaryScores:
            return skip_each(in, 9, [&]() -> Status {
                TM_CHECK(in.skip_string());
                return in.source().skip(8);
            });
        case Shape::kContainers:
            return skip_each(in, 2, [&]() -> Status {
                TM_CHECK(skip_lengths(in, 1));
                return in.skip_string();
            });
        case Shape::kExpiryPairs:
            return skip_each(in, 3, expiry_pair);
        case Shape::kPairsExpiry:
            return skip_each(in, 10, [&]() -> Status {
                TM_CHECK(skip_strings(in, 2));
                return in.source().skip(8);
            });
        case Shape::kLeastExpiryPairs:
            TM_CHECK(in.source().skip(8));
            return skip_each(in, 3, expiry_pair);
        case Shape::kLeastExpiryString:
            TM_CHECK(in.source().skip(8));
            return in.skip_string();
        case Shape::kModule:
            TM_TRY(in.length());
            return skip_module_data(in);
        case Shape::kStream1:
        case Shape::kStream2:
        case Shape::kStream3:
        case Shape::kStream4:
            return skip_stream(in, shape);
    }
    return {};
}

}  // namespace tidemark::rdb
