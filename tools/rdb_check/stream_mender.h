// Sets what a stream says of itself from the entries that it has.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tools/rdb_check/value_mender.h"

namespace tidemark::rdb_check {

class StreamMender final : public ValueMender {
public:
    using ValueMender::ValueMender;

    Status begin_stream(uint64_t nodes) override {
        entries_ = 0;
        return ValueMender::begin_stream(nodes);
    }
    Status stream_entry(rdb::StreamId id, uint64_t fields) override {
        if (entries_++ == 0) first_ = id;
        last_ = id;
        return ValueMender::stream_entry(id, fields);
    }
    Status stream_state(const rdb::StreamState& state) override {
        rdb::StreamState mended = state;
        mended.length = entries_;
        mended.first_id = entries_ > 0 ? first_ : rdb::StreamId{};
        if (entries_ > 0) mended.last_id = std::max(state.last_id, last_);
        mended.entries_added = std::max(state.entries_added, entries_);
        return ValueMender::stream_state(mended);
    }

private:
    uint64_t entries_ = 0;
    rdb::StreamId first_;
    rdb::StreamId last_;
};

}  // namespace tidemark::rdb_check
