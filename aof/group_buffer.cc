#include "aof/group_buffer.h"

#include <algorithm>
#include <cstring>

#include "aof/codec/annotation.h"
#include "aof/codec/record.h"
#include "base/assert.h"

namespace tidemark::aof {

namespace {

// A chunk takes no further group once it holds this much: freeing stays fine-grained, and no group
// is ever copied to make room for another one.
constexpr size_t kChunkBytes = 256 * 1024;
constexpr size_t kFirstReserve = 64 * 1024;
// Reserved at once for a chunk that follows a full one: groups rarely overshoot by more.
constexpr size_t kNextReserve = kChunkBytes + 128 * 1024;
// Memory kept for reuse; larger buffers (one huge record) go back to the allocator. As many as a
// busy log under everysec holds between two syncs: fresh ones would cost a page fault each 4 KiB.
constexpr size_t kSpareChunks = 32;
constexpr size_t kSpareChunkBytes = 4 * kChunkBytes;
// Where the records to come will be written: far enough ahead that the cache line is there by then.
// What is written once and read once by the kernel is in no cache of its own accord.
constexpr size_t kPrefetchAhead = 192;
constexpr size_t kCacheLineBytes = 64;

void prefetch_for_write(const char* at) {
    __builtin_prefetch(at, 1);
    __builtin_prefetch(at + kCacheLineBytes, 1);
}

}  // namespace

GroupBuffer::GroupBuffer(uint64_t logical, size_t piece_bytes)
    : piece_bytes_(piece_bytes), closed_end_(logical) {
    chunks_.emplace_back();
    chunks_.back().start = logical;
    chunks_.back().bytes.reserve(kFirstReserve);
    open_ = &chunks_.back().bytes;
    open_start_ = logical;
}

uint64_t GroupBuffer::append(const engine::CommitRecord& record) {
    const size_t room =
        record.canonical.empty() ? record_bytes(record.args) : record.canonical.size();
    if (record.db != db_ || open_->size() + room > piece_limit_) prepare(record.db, room);
    if (record.canonical.empty()) {
        append_record(*open_, record.args);
    } else {
        open_->append(record.canonical);
    }
    prefetch_for_write(open_->data() + open_->size() + kPrefetchAhead);
    return open_start_ + open_->size();
}

// Everything that must stand in front of a record of `room` bytes for `db`.
void GroupBuffer::prepare(int db, size_t room) {
    if (pieces_.empty()) {
        marks_.push_back({closed_end_, db_});
        open_piece();
    } else if (transaction_ != Transaction::kOpen) {
        if (open_->size() + room > pieces_.back() + kSealBytes + piece_bytes_) open_piece();
    } else if (open_->size() + room > piece_limit_) {
        if (pieces_.back() < transaction_start_) move_transaction_to_new_piece();
        const size_t body_start = pieces_.back() + kSealBytes;
        if (open_->size() + room > body_start + piece_bytes_) open_piece();
    }
    // Now, not before open_piece: a transaction that begins a piece may grow beyond it.
    if (transaction_ == Transaction::kPending) {
        const bool begins_piece = open_->size() == pieces_.back() + kSealBytes;
        transaction_start_ = begins_piece ? pieces_.back() : open_->size();
    }
    if (timestamp_due_ != 0) {
        append_timestamp(*open_, timestamp_due_);
        timestamp_due_ = 0;
    }
    if (db != db_) {
        append_select(*open_, db);
        db_ = db;
    }
    if (transaction_ == Transaction::kPending) {
        open_->append(kMultiRecord);
        transaction_ = Transaction::kOpen;
    }
    piece_limit_ = pieces_.back() + kSealBytes + piece_bytes_;
}

void GroupBuffer::open_piece() {
    pieces_.push_back(open_->size());
    open_->reserve(kSealBytes);
    open_->commit(kSealBytes);
}

// Invariant 2: makes room for a seal in front of the open transaction.
void GroupBuffer::move_transaction_to_new_piece() {
    const size_t length = open_->size() - transaction_start_;
    open_->reserve(kSealBytes);
    char* const from = open_->mutable_data() + transaction_start_;
    std::memmove(from + kSealBytes, from, length);
    open_->commit(kSealBytes);
    pieces_.push_back(transaction_start_);
    piece_limit_ = transaction_start_ + kSealBytes + piece_bytes_;
}

void GroupBuffer::begin_transaction() {
    TM_ASSERT(transaction_ == Transaction::kNone);
    transaction_ = Transaction::kPending;
    piece_limit_ = 0;
}

uint64_t GroupBuffer::end_transaction() {
    TM_ASSERT(transaction_ != Transaction::kNone);
    if (transaction_ == Transaction::kOpen) open_->append(kExecRecord);
    transaction_ = Transaction::kNone;
    return end();
}

void GroupBuffer::close_group(int64_t file_base, uint64_t durable) {
    if (pieces_.empty()) return;
    TM_ASSERT(transaction_ == Transaction::kNone);  // invariant 1
    for (size_t i = 0; i < pieces_.size(); ++i) {
        const size_t start = pieces_[i];
        const size_t next = i + 1 < pieces_.size() ? pieces_[i + 1] : open_->size();
        char* const line = open_->mutable_data() + start;
        const auto position = static_cast<int64_t>(open_start_ + start) - file_base;
        write_seal(line, static_cast<uint64_t>(position), durable,
                   {line + kSealBytes, next - start - kSealBytes});
    }
    pieces_.clear();
    piece_limit_ = 0;
    open_->reserve(kTailRoom);
    closed_end_ = end();
    if (open_->size() >= kChunkBytes) push_chunk();
}

void GroupBuffer::force_select() {
    TM_ASSERT(pieces_.empty());
    db_ = -1;
}

void GroupBuffer::push_chunk() {
    Chunk chunk;
    if (!spare_.empty()) {
        chunk.bytes = std::move(spare_.back());
        spare_.pop_back();
    } else {
        chunk.bytes.reserve(kNextReserve);
    }
    chunk.start = end();
    chunks_.push_back(std::move(chunk));
    open_ = &chunks_.back().bytes;
    open_start_ = chunks_.back().start;
}

void GroupBuffer::detach_open_chunk() {
    TM_ASSERT(pieces_.empty());
    if (!open_->empty()) push_chunk();
}

std::string_view GroupBuffer::segment(uint64_t from) const {
    TM_ASSERT(from >= first() && from <= closed_end_);
    for (const Chunk& chunk : chunks_) {
        const uint64_t chunk_end = chunk.start + chunk.bytes.size();
        const uint64_t closed = std::min(chunk_end, closed_end_);
        if (from < closed) return chunk.bytes.view().substr(from - chunk.start, closed - from);
    }
    return {};
}

char* GroupBuffer::tail_room(std::string_view segment) {
    const char* const behind = segment.data() + segment.size();
    for (Chunk& chunk : chunks_) {
        if (chunk.bytes.empty() || chunk.bytes.data() + chunk.bytes.size() != behind) continue;
        char* const room = chunk.bytes.mutable_data() + chunk.bytes.size();
        return room + kTailRoom <= chunk.bytes.mutable_data() + chunk.bytes.capacity() ? room
                                                                                       : nullptr;
    }
    return nullptr;
}

void GroupBuffer::reseal(uint64_t from, int64_t file_base, uint64_t durable) {
    TM_ASSERT(from >= first());
    for (Chunk& chunk : chunks_) {
        const uint64_t chunk_end = std::min(chunk.start + chunk.bytes.size(), closed_end_);
        for (uint64_t at = std::max(from, chunk.start); at < chunk_end;) {
            char* const line = chunk.bytes.mutable_data() + (at - chunk.start);
            const auto seal = parse_seal({line, kSealBytes});
            TM_ASSERT(seal.has_value());
            write_seal(line, static_cast<uint64_t>(static_cast<int64_t>(at) - file_base), durable,
                       {line + kSealBytes, seal->length});
            at += kSealBytes + seal->length;
        }
    }
}

int GroupBuffer::db_at(uint64_t from) const {
    for (const GroupMark& mark : marks_) {
        if (mark.start >= from) return mark.start == from ? mark.db : -1;
    }
    return -1;
}

void GroupBuffer::forget_before(uint64_t logical) {
    while (!marks_.empty() && marks_.front().start < logical) marks_.pop_front();
    while (chunks_.size() > 1 && chunks_.front().start + chunks_.front().bytes.size() <= logical) {
        Buffer freed = std::move(chunks_.front().bytes);
        chunks_.pop_front();
        if (spare_.size() >= kSpareChunks || freed.capacity() > kSpareChunkBytes) continue;
        freed.clear();
        spare_.push_back(std::move(freed));
    }
    // The common end of a turn under `always`: all is durable, nothing is open.
    if (logical == end() && pieces_.empty()) {
        if (open_->capacity() > kSpareChunkBytes) {
            open_->release();
        } else {
            open_->clear();
        }
        chunks_.back().start = open_start_ = logical;
    }
}

void GroupBuffer::release_spare() {
    spare_.clear();
}

}  // namespace tidemark::aof
