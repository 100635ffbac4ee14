// Walks the elements of a listpack or a ziplist that was opened as a blob, and checks everything
// that it passes.
//
//   TM_CHECK(reader.begin(PackedForm::kListpack));
//   while (!reader.at_end()) { TM_CHECK(reader.next()); ... reader.value() ... }
//   TM_CHECK(reader.end());
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/encoding/packed_value.h"
#include "rdb/codec/blob.h"

namespace tidemark::rdb {

enum class PackedForm : uint8_t { kListpack, kZiplist };

class PackedReader {
public:
    PackedReader(Primitives& in, Blob& blob) : in_(in), blob_(blob) {}

    Status begin(PackedForm form);
    // What the header says; 65535 and more: only a walk knows.
    bool is_count_known() const { return declared_ != kCountUnknown; }
    uint64_t declared_count() const { return declared_; }
    // Walks, and goes back to where it was: in front of the first element.
    Result<uint64_t> walk_count();

    bool at_end() const { return blob_.left() == 1; }
    // The next element. A string longer than kWholeStringMax is not in value(): its long_bytes()
    // are what comes next in the blob, and are followed by end_long().
    Status next();
    const encoding::PackedValue& value() const { return value_; }
    uint64_t long_bytes() const { return long_bytes_; }
    Status end_long();
    // Passes over the element that next() found.
    Status skip_long();

    // Terminator, count, tail.
    Status end();

    // Where the element that next() found is in the file (of a compressed blob: where that begins).
    uint64_t element_offset() const { return element_offset_; }
    uint64_t seen() const { return seen_; }

private:
    static constexpr uint16_t kCountUnknown = 0xffff;

    std::string_view name() const {
        return form_ == PackedForm::kListpack ? "listpack" : "ziplist";
    }
    // Of a listpack a server reads size and terminator; a ziplist it walks, to make a listpack.
    ServerLooks inside() const {
        return form_ == PackedForm::kListpack ? ServerLooks::kNo : ServerLooks::kYes;
    }
    size_t head_bytes() const;
    Status to_first_element();
    Status next_of_listpack();
    Status next_of_ziplist();
    Status take_string(size_t head, size_t body, size_t behind);
    Status check_backlen(size_t element_bytes);
    tl::unexpected<Error> wrong(std::string what) const;
    tl::unexpected<Error> crosses_end() const;

    Primitives& in_;
    Blob& blob_;
    PackedForm form_ = PackedForm::kListpack;
    encoding::PackedValue value_;
    uint64_t element_offset_ = 0;
    uint64_t long_bytes_ = 0;
    uint64_t seen_ = 0;
    uint64_t element_bytes_ = 0;  // of the last one
    uint64_t last_ = 0;           // where in the blob it begins
    uint32_t tail_ = 0;           // where a ziplist says that it begins
    uint16_t declared_ = 0;
};

}  // namespace tidemark::rdb
