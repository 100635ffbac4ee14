// The zipmap: what small hashes were before Redis 2.6, read only.
//
//   u8 count | (length, field, length, u8 free, value, `free` bytes unused)... | 0xff
//
// A length is one byte below 0xfe, or 0xfe and u32. A count of 254 says that only a walk knows.
#pragma once

#include "rdb/codec/blob.h"

namespace tidemark::rdb::legacy {

inline constexpr uint8_t kZipmapCountUnknown = 254;

// Walks a zipmap that was opened as a blob.
class ZipmapReader {
public:
    ZipmapReader(Primitives& in, Blob& blob) : in_(in), blob_(blob) {}

    Status begin();
    // Fields; walks where the first byte does not know.
    Result<uint64_t> count();
    bool at_end() const { return blob_.left() == 1; }
    // Length of the field or value that comes next in the blob; its bytes are then consumed.
    Result<uint64_t> field_length();
    Result<uint64_t> value_length();
    Status end_value();  // the unused bytes
    // Terminator and count.
    Status end();

    uint8_t declared_count() const { return declared_; }

private:
    Result<uint64_t> length(uint64_t more);
    Status consume(uint64_t bytes);
    Status to_first_field();
    tl::unexpected<Error> wrong(std::string_view what);

    Primitives& in_;
    Blob& blob_;
    uint8_t declared_ = 0;
    uint64_t seen_ = 0;  // values
    uint8_t unused_ = 0;
};

}  // namespace tidemark::rdb::legacy
