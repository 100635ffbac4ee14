// Whether the members of a collection that is too large for RAM are all different: what the reader
// asks through rdb::UniqueSpill, answered with KeyLog's partitions on disk.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rdb/codec/unique.h"
#include "tools/dump_diff/key_log.h"

namespace tidemark::rdb_check {

class UniqueLog final : public rdb::UniqueSpill {
public:
    explicit UniqueLog(std::string spool_folder) : spool_folder_(std::move(spool_folder)) {}

    Status begin() override {
        places_.clear();
        log_ = std::make_unique<KeyLog>(kMemoryBytes, spool_folder_);
        return {};
    }
    Status add(const rdb::Hash128& hash) override {
        places_.push_back({hash.low, hash.high});
        return places_.size() < kBatchPlaces ? Status{} : flush();
    }
    // Equal in one half: the other decides.
    Result<bool> all_different() override {
        TM_CHECK(flush());
        bool are_different = true;
        TM_CHECK(log_->find_equal([&](uint64_t first, uint64_t later) {
            are_different = are_different && first != later;
            return Status{};
        }));
        log_.reset();
        return are_different;
    }

private:
    static constexpr uint64_t kMemoryBytes = 4 * 1024 * 1024;
    static constexpr size_t kBatchPlaces = 4096;

    Status flush() {
        Status status = log_->add(places_);
        places_.clear();
        return status;
    }

    std::string spool_folder_;
    std::unique_ptr<KeyLog> log_;
    std::vector<KeyPlace> places_;
};

}  // namespace tidemark::rdb_check
