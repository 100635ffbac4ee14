// The record that is being encoded: its head, kept until the value's type is known, and its bytes,
// passed on as they grow. What the encoders of the kinds of value write to.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"
#include "rdb/codec/byte_sink.h"
#include "rdb/codec/encode_options.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

// A collection that is not longer can be collected before it is written.
inline constexpr size_t kCollectMax = 4 * 1024 * 1024;

// An error for kCountUnknown: lengths stand in front of what they count.
Status check_count(uint64_t count);

class RecordOut {
public:
    RecordOut(RecordSink& sink, const EncodeOptions& options) : sink_(sink), options_(options) {}

    const EncodeOptions& options() const { return options_; }
    // Whether the version has this type.
    bool holds(uint8_t type) const;
    bool is_compact() const { return options_.packing == Packing::kCompact; }

    // A key without a begin() up to its end() leaves no trace.
    void hold_head(const KeyRecord& key);
    Status begin(uint8_t type);
    Status end();
    bool is_begun() const { return is_begun_; }

    // Something that belongs to no key.
    Status begin_opcode(uint8_t opcode);
    Status end_opcode();

    // Room for small things; text() and its like pass on what has gathered.
    Buffer& bytes() { return bytes_; }
    Status length(uint64_t length);
    // A string, or the last part of a long one.
    Status text(std::string_view text);
    // The same for bytes that are never spelled as an integer.
    Status blob(std::string_view bytes);
    // A string of which the parts follow, uncompressed.
    Status begin_long(uint64_t length);
    Status part(std::string_view bytes);
    // [begin, end) of what is being read.
    Status copy(uint64_t begin, uint64_t end);

private:
    Status settle();
    Status pass_on();
    Status check_length(uint64_t length) const;

    RecordSink& sink_;
    const EncodeOptions& options_;
    uint64_t db_ = 0;
    Buffer attributes_;
    Buffer name_;
    Buffer bytes_;
    bool is_begun_ = false;
    bool is_long_ = false;  // the next text is the end of a long string
};

}  // namespace tidemark::rdb
