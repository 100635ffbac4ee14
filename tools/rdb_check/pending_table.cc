#include "tools/rdb_check/pending_table.h"

#include <cstring>

namespace tidemark::rdb_check {

namespace {

constexpr size_t kInMemoryMax = 256 * 1024;  // 8 MiB
constexpr size_t kRecordBytes = sizeof(rdb::StreamPending);

}  // namespace

void PendingTable::clear() {
    newest_.clear();
    older_.reset();
}

uint64_t PendingTable::size() const {
    return (older_ ? older_->size() / kRecordBytes : 0) + newest_.size();
}

Status PendingTable::add(const rdb::StreamPending& pending) {
    if (newest_.size() >= kInMemoryMax) {
        if (!older_) older_.emplace(TM_TRY(tools::Spool::create(folder_)));
        TM_CHECK(older_->write(
            {reinterpret_cast<const char*>(newest_.data()), newest_.size() * kRecordBytes}));
        newest_.clear();
    }
    newest_.push_back(pending);
    return {};
}

Result<rdb::StreamPending> PendingTable::at(uint64_t index) const {
    const uint64_t older = size() - newest_.size();
    if (index >= older) return newest_[index - older];
    rdb::StreamPending pending;
    char bytes[kRecordBytes];
    if (TM_TRY(older_->read_at(bytes, kRecordBytes, index * kRecordBytes)) < kRecordBytes)
        return fail(ErrorCode::kIo, "a temporary file is shorter than what was written to it");
    std::memcpy(&pending, bytes, kRecordBytes);
    return pending;
}

Result<std::optional<rdb::StreamPending>> PendingTable::find(rdb::StreamId id) const {
    uint64_t low = 0;
    uint64_t high = size();
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        const rdb::StreamPending pending = TM_TRY(at(middle));
        if (pending.id == id) return std::optional(pending);
        if (pending.id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return std::optional<rdb::StreamPending>();
}

}  // namespace tidemark::rdb_check
