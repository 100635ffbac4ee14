#include "rdb/codec/reader.h"

#include <fmt/format.h>

namespace tidemark::rdb {

namespace {

constexpr uint64_t kProgressBytes = 4 * 1024 * 1024;

std::string_view verdict(ErrorCode code) {
    switch (code) {
        case ErrorCode::kTruncated:
            return "the RDB data ends early, at offset";
        case ErrorCode::kUnsupported:
            return "the RDB data cannot be loaded because of what is at offset";
        default:
            return "the RDB data is damaged at offset";
    }
}

}  // namespace

Error in_words(Error error) {
    if (error.offset != kNoOffset) {
        error.what = fmt::format("{} {}: {}", verdict(error.code), error.offset, error.what);
    }
    return error;
}

Result<Summary> Reader::read() {
    Status status = read_all();
    if (!status) return fail(in_words(std::move(status).error()));
    return summary_;
}

Status Reader::read_all() {
    TM_CHECK(records_.read_head());
    summary_.dialect = records_.state().dialect;
    summary_.version = records_.state().version;
    TM_CHECK(read_records());
    if (records_.damaged_segment() != kNoOffset) return damaged_segment();
    TM_CHECK(records_.read_trailer());
    TM_CHECK(sink_.end());
    summary_.is_checksummed = records_.is_checksummed();
    summary_.end_offset = records_.offset();
    return {};
}

Status Reader::read_records() {
    while (true) {
        const Record* record = TM_TRY(records_.next());
        if (record->kind == RecordKind::kEof) return {};
        if (record->kind == RecordKind::kKey) {
            TM_CHECK(records_.read_value());
            ++summary_.keys;
        }
        if (records_.offset() >= next_progress_) TM_CHECK(tell_progress());
    }
}

Status Reader::damaged_segment() const {
    return fail(ErrorCode::kCorrupt, "its bytes are not those that were sealed",
                records_.damaged_segment());
}

Status Reader::tell_progress() {
    next_progress_ = records_.offset() + kProgressBytes;
    return sink_.progress(records_.offset(), records_.size());
}

}  // namespace tidemark::rdb
