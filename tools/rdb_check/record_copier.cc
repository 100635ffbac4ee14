#include "tools/rdb_check/record_copier.h"

#include <algorithm>

#include "base/buffer.h"
#include "rdb/codec/pack.h"

namespace tidemark::rdb_check {

namespace {

constexpr size_t kCopiedBytes = 256 * 1024;

}  // namespace

// What lies from `offset` on, at least one byte of it. Records come in the file's order: most lie
// in the window already.
Result<std::string_view> RecordCopier::window_at(uint64_t offset) {
    if (offset < window_begin_ || offset >= window_begin_ + window_bytes_) {
        window_.resize(kCopiedBytes);
        window_bytes_ = TM_TRY(from_.read_at(window_.data(), window_.size(), offset));
        window_begin_ = offset;
        if (window_bytes_ == 0)
            return fail(ErrorCode::kTruncated, "it became shorter while being read", offset);
    }
    const size_t skipped = offset - window_begin_;
    return std::string_view(window_.data() + skipped, window_bytes_ - skipped);
}

Status RecordCopier::copy_bytes(rdb::ByteSink& to, uint64_t begin, uint64_t end) {
    while (begin < end) {
        const std::string_view bytes = TM_TRY(window_at(begin)).substr(0, end - begin);
        TM_CHECK(to.write(bytes));
        begin += bytes.size();
    }
    return {};
}

Status RecordCopier::copy(rdb::RecordSink& to, uint64_t db, uint64_t begin, uint64_t end) {
    TM_CHECK(to.select(db));
    TM_CHECK(copy_bytes(to, begin, end));
    return to.end_record(1);
}

Status RecordCopier::copy_renamed(rdb::RecordSink& to, uint64_t db, uint64_t begin,
                                  uint64_t type_offset, std::string_view name,
                                  uint64_t value_offset, uint64_t end) {
    Buffer packed;
    rdb::pack_string(packed, name, rdb::Compression::kNone);
    TM_CHECK(to.select(db));
    TM_CHECK(copy_bytes(to, begin, type_offset + 1));
    TM_CHECK(to.write(packed.view()));
    TM_CHECK(copy_bytes(to, value_offset, end));
    return to.end_record(1);
}

}  // namespace tidemark::rdb_check
