// The checksum of what a reader reads anyway. It reads in windows, which end where they end; the
// sum up to any place is that at the last window's begin, and a little reading.
#pragma once

#include <cstdint>
#include <utility>

#include "base/crc64.h"
#include "base/result.h"
#include "rdb/codec/byte_source.h"
#include "tools/rdb_check/changed_bytes.h"

namespace tidemark::rdb_check {

class SummingInput final : public rdb::Input {
public:
    // Sums from `begin` on.
    SummingInput(rdb::Input& input, uint64_t begin)
        : input_(input), end_(begin), last_end_(begin) {}

    uint64_t size() const override { return input_.size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        const size_t got = TM_TRY(input_.read_at(to, length, offset));
        // Going back is nothing new; going ahead leaves bytes out, which are summed when asked for.
        if (offset <= end_ && offset + got > end_) {
            last_end_ = std::exchange(end_, offset + got);
            last_crc_ = crc_;
            crc_ = crc64({to + (last_end_ - offset), static_cast<size_t>(end_ - last_end_)}, crc_);
        }
        return got;
    }

    // Of [begin, end).
    Result<uint64_t> checksum_to(uint64_t end) {
        if (end >= end_) return extend(crc_, end_, end);
        if (end >= last_end_) return extend(last_crc_, last_end_, end);
        return fail(ErrorCode::kInvalid, "the sum went past this place");
    }

private:
    Result<uint64_t> extend(uint64_t crc, uint64_t from, uint64_t to) {
        return crc64_combine(crc, TM_TRY(checksum_of(input_, from, to)), to - from);
    }

    rdb::Input& input_;
    uint64_t end_;
    uint64_t crc_ = 0;
    uint64_t last_end_;  // the sum before the last window
    uint64_t last_crc_ = 0;
};

}  // namespace tidemark::rdb_check
