#include "tools/dump_diff/partitioned_spill.h"

#include "base/assert.h"

namespace tidemark::rdb_check {

namespace {

constexpr size_t kBlockBytes = 16 * 1024;

}  // namespace

PartitionedBytes::PartitionedBytes(std::string folder, size_t partitions, size_t record_bytes)
    : folder_(std::move(folder)),
      record_bytes_(record_bytes),
      block_bytes_(kBlockBytes - kBlockBytes % record_bytes),
      partitions_(partitions) {
    TM_ASSERT(record_bytes > 0 && record_bytes <= kBlockBytes);
}

Status PartitionedBytes::append(size_t partition, const char* record) {
    Partition& to = partitions_[partition];
    to.waiting.append(std::string_view(record, record_bytes_));
    if (to.waiting.size() < block_bytes_) return {};
    if (!file_) file_.emplace(TM_TRY(tools::Spool::create(folder_)));
    to.blocks.push_back(file_->size());
    TM_CHECK(file_->write(to.waiting.view()));
    to.waiting.clear();
    return {};
}

uint64_t PartitionedBytes::records(size_t partition) const {
    const Partition& from = partitions_[partition];
    return (from.blocks.size() * block_bytes_ + from.waiting.size()) / record_bytes_;
}

Status PartitionedBytes::read(size_t partition, char* to) const {
    const Partition& from = partitions_[partition];
    for (const uint64_t offset : from.blocks) {
        if (TM_TRY(file_->read_at(to, block_bytes_, offset)) < block_bytes_)
            return fail(ErrorCode::kIo, "a temporary file is shorter than what was written to it");
        to += block_bytes_;
    }
    if (!from.waiting.empty()) std::memcpy(to, from.waiting.data(), from.waiting.size());
    return {};
}

}  // namespace tidemark::rdb_check
