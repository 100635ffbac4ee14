#include "rdb/codec/record_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "rdb/codec/types.h"

namespace tidemark::rdb {

namespace {

constexpr size_t kPassOnBytes = 64 * 1024;
// Before, the opcodes for them did not exist; they are hints for eviction, no data.
constexpr int kFirstVersionWithUse = 9;

}  // namespace

Status check_count(uint64_t count) {
    if (count != kCountUnknown) return {};
    return fail(
        ErrorCode::kUnsupported,
        "a large value whose length is not known before its end; it can be read from a file, "
        "and not from a pipe");
}

bool RecordOut::holds(uint8_t type) const {
    const TypeRow* row = find_type(options_.dialect, type);
    return row != nullptr && row->since <= options_.version;
}

void RecordOut::hold_head(const KeyRecord& key) {
    db_ = key.db;
    attributes_.clear();
    name_.clear();
    if (options_.form == RecordForm::kPayload) return;
    if (key.expire_at_ms) {
        pack_byte(attributes_, opcode::kExpireTimeMs);
        pack_int64(attributes_, *key.expire_at_ms);
    }
    if (options_.version >= kFirstVersionWithUse) {
        if (key.idle_seconds) {
            pack_byte(attributes_, opcode::kIdle);
            pack_length(attributes_, *key.idle_seconds);
        }
        if (key.frequency) {
            pack_byte(attributes_, opcode::kFreq);
            pack_byte(attributes_, *key.frequency);
        }
    }
    pack_string(name_, key.name, options_.compression);
}

Status RecordOut::begin(uint8_t type) {
    TM_ASSERT(!is_begun_);
    TM_CHECK(sink_.select(db_));
    is_begun_ = true;
    bytes_.append(attributes_.view());
    pack_byte(bytes_, type);
    bytes_.append(name_.view());
    return {};
}

Status RecordOut::end() {
    if (!is_begun_) return {};
    is_begun_ = false;
    TM_CHECK(pass_on());
    return sink_.end_record(1);
}

Status RecordOut::begin_opcode(uint8_t opcode) {
    TM_ASSERT(!is_begun_);
    pack_byte(bytes_, opcode);
    return {};
}

Status RecordOut::end_opcode() {
    TM_CHECK(pass_on());
    return sink_.end_record(0);
}

Status RecordOut::check_length(uint64_t length) const {
    if (length_fits_version(length, options_.dialect, options_.version)) return {};
    return fail(ErrorCode::kUnsupported, fmt::format("version {} has no place for a length of {}",
                                                     options_.version, length));
}

Status RecordOut::length(uint64_t length) {
    TM_CHECK(check_length(length));
    pack_length(bytes_, length);
    return settle();
}

Status RecordOut::text(std::string_view text) {
    if (std::exchange(is_long_, false)) return part(text);
    TM_CHECK(check_length(text.size()));
    pack_string(bytes_, text, options_.compression);
    return settle();
}

Status RecordOut::blob(std::string_view bytes) {
    TM_CHECK(check_length(bytes.size()));
    pack_blob(bytes_, bytes, options_.compression);
    return settle();
}

Status RecordOut::begin_long(uint64_t length) {
    is_long_ = true;
    return this->length(length);
}

Status RecordOut::part(std::string_view bytes) {
    if (bytes.size() >= kPassOnBytes) {
        TM_CHECK(pass_on());
        return sink_.write(bytes);
    }
    bytes_.append(bytes);
    return settle();
}

Status RecordOut::copy(uint64_t begin, uint64_t end) {
    TM_ASSERT(options_.source != nullptr);
    while (begin < end) {
        const size_t wanted = std::min<uint64_t>(kPassOnBytes, end - begin);
        const size_t got = TM_TRY(options_.source->read_at(bytes_.reserve(wanted), wanted, begin));
        if (got == 0) {
            return fail(ErrorCode::kTruncated, "it became shorter while being read", begin);
        }
        bytes_.commit(got);
        begin += got;
        TM_CHECK(settle());
    }
    return {};
}

Status RecordOut::settle() {
    return bytes_.size() >= kPassOnBytes ? pass_on() : Status();
}

Status RecordOut::pass_on() {
    Status status = sink_.write(bytes_.view());
    bytes_.clear();
    if (bytes_.capacity() > 4 * kCollectMax) bytes_.release();
    return status;
}

}  // namespace tidemark::rdb
