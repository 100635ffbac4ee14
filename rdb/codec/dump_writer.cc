#include "rdb/codec/dump_writer.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/crc64.h"
#include "rdb/codec/pack.h"

namespace tidemark::rdb {

namespace {

constexpr size_t kFlushBytes = 64 * 1024;

}  // namespace

DumpWriter::DumpWriter(ByteSink& out, DumpOptions options) : out_(out), options_(options) {
    TM_ASSERT(can_write(options_.dialect, options_.version));
    if (options_.version < kFirstVersionWithAux) options_.sealing = Sealing::kOff;
}

Status DumpWriter::begin() {
    return write(options_.dialect == Dialect::kValkey
                     ? fmt::format("{}{:03}", kValkeyMagic, options_.version)
                     : fmt::format("{}{:04}", kRedisMagic, options_.version));
}

Status DumpWriter::write(std::string_view bytes) {
    if (waiting_.size() + bytes.size() >= kFlushBytes) {
        TM_CHECK(flush());
        if (bytes.size() >= kFlushBytes) {
            crc_ = crc64(bytes, crc_);
            flushed_ += bytes.size();
            return out_.write(bytes);
        }
    }
    waiting_.append(bytes);
    return {};
}

Status DumpWriter::flush() {
    crc_ = crc64(waiting_.view(), crc_);
    flushed_ += waiting_.size();
    Status status = out_.write(waiting_.view());
    waiting_.clear();
    return status;
}

Status DumpWriter::select(uint64_t db) {
    if (is_selected_ && db == db_) return {};
    is_selected_ = true;
    db_ = db;
    pack_byte(waiting_, opcode::kSelectDb);
    pack_length(waiting_, db);
    return {};
}

Status DumpWriter::end_record(uint64_t keys) {
    segment_.keys += keys;
    if (options_.sealing == Sealing::kOff) return {};
    return bytes() - segment_.begin >= options_.segment_bytes ? seal() : Status();
}

Status DumpWriter::copy_record(uint64_t db, std::string_view record, uint64_t keys) {
    if (keys != 0) TM_CHECK(select(db));
    TM_CHECK(write(record));
    return end_record(keys);
}

Status DumpWriter::seal() {
    TM_CHECK(flush());
    segment_.end = flushed_;
    segment_.next_db = db_;
    segments_.push_back(append_seal(waiting_, segment_, crc_));
    TM_CHECK(flush());
    start_segment();
    return {};
}

void DumpWriter::start_segment() {
    file_crc_ = crc64_combine(file_crc_, crc_, flushed_ - segment_.begin);
    keys_ += segment_.keys;
    segment_ = {flushed_, 0, 0, db_, 0, 0};
    crc_ = 0;
}

Status DumpWriter::write_index() {
    if (bytes() != segment_.begin) TM_CHECK(seal());
    Buffer lines;
    for (const Segment& segment : segments_) {
        append_seal_text(lines, segment);
        lines.append('\n');
    }
    pack_byte(waiting_, opcode::kAux);
    pack_raw_string(waiting_, kIndexName);
    pack_length(waiting_, lines.size());
    TM_CHECK(write(lines.view()));
    TM_CHECK(flush());
    append_footer(waiting_, {flushed_, flushed_ - segment_.begin, segments_.size(), keys_}, crc_);
    return {};
}

Status DumpWriter::finish() {
    if (options_.sealing == Sealing::kOn) TM_CHECK(write_index());
    pack_byte(waiting_, opcode::kEof);
    TM_CHECK(flush());
    start_segment();
    pack_little_endian(waiting_, file_crc_, sizeof(file_crc_));
    return flush();
}

}  // namespace tidemark::rdb
