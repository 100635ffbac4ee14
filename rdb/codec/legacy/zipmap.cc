#include "rdb/codec/legacy/zipmap.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/encoding/little_endian.h"

namespace tidemark::rdb::legacy {

namespace {

constexpr uint8_t kEnd = 0xff;
constexpr uint8_t kLongLength = 0xfe;

}  // namespace

tl::unexpected<Error> ZipmapReader::wrong(std::string_view what) {
    return in_.bad(FindingCode::kBadEncoding, blob_.file_offset(), std::string(what));
}

Status ZipmapReader::begin() {
    if (blob_.size() < 2) return wrong("a zipmap has no room for its count and its end");
    TM_CHECK(blob_.need(1));
    declared_ = static_cast<uint8_t>(*blob_.data());
    return to_first_field();
}

Status ZipmapReader::to_first_field() {
    TM_CHECK(blob_.need(1));
    blob_.consume(1);
    seen_ = 0;
    return {};
}

Result<uint64_t> ZipmapReader::count() {
    if (declared_ < kZipmapCountUnknown) return declared_;
    uint64_t count = 0;
    for (; !at_end(); ++count) {
        TM_CHECK(consume(TM_TRY(field_length())));
        TM_CHECK(consume(TM_TRY(value_length())));
        TM_CHECK(end_value());
    }
    TM_CHECK(blob_.rewind());
    TM_CHECK(to_first_field());
    return count;
}

Status ZipmapReader::consume(uint64_t bytes) {
    while (bytes > 0) {
        TM_CHECK(blob_.need(1));
        const auto step = static_cast<size_t>(std::min<uint64_t>(bytes, blob_.available()));
        blob_.consume(step);
        bytes -= step;
    }
    return {};
}

// Behind the length, `more` bytes beside its own must fit in front of the terminator.
Result<uint64_t> ZipmapReader::length(uint64_t more) {
    TM_CHECK(blob_.need(5));
    const size_t available = blob_.available();
    if (available < 2) return wrong("a zipmap ends inside a field");
    uint64_t length = static_cast<uint8_t>(*blob_.data());
    size_t size = 1;
    if (length == kEnd) return wrong("a zipmap ends inside, or before its end");
    if (length == kLongLength) {
        size = 5;
        if (available < size) return wrong("a zipmap ends inside a length");
        length = encoding::load_le<uint32_t>(blob_.data() + 1);
    }
    blob_.consume(size);
    if (blob_.left() < 1 + more || blob_.left() - 1 - more < length) {
        return wrong("a zipmap's field crosses its end");
    }
    return length;
}

Result<uint64_t> ZipmapReader::field_length() {
    return length(0);
}

Result<uint64_t> ZipmapReader::value_length() {
    const uint64_t bytes = TM_TRY(length(1));
    TM_CHECK(blob_.need(1));
    unused_ = static_cast<uint8_t>(*blob_.data());
    blob_.consume(1);
    return bytes;
}

Status ZipmapReader::end_value() {
    if (blob_.left() < uint64_t{unused_} + 1) return wrong("a zipmap's field crosses its end");
    ++seen_;
    return consume(unused_);
}

Status ZipmapReader::end() {
    TM_CHECK(blob_.need(1));
    if (static_cast<uint8_t>(*blob_.data()) != kEnd) {
        return wrong("the zipmap does not end with its terminator");
    }
    if (declared_ < kZipmapCountUnknown && declared_ != seen_) {
        return wrong(
            fmt::format("the zipmap says that it has {} fields, and has {}", declared_, seen_));
    }
    blob_.consume(1);
    return blob_.close();
}

}  // namespace tidemark::rdb::legacy
