// Between a reader and an encoder: sets what a stream says of itself from the entries that it has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "rdb/codec/value_sink.h"

namespace tidemark::rdb_check {

class StreamMender final : public rdb::ValueSink {
public:
    explicit StreamMender(rdb::ValueSink& to) : to_(to) {}

    Status begin_key(const rdb::KeyRecord& key) override { return to_.begin_key(key); }
    Status end_key(uint64_t end_offset) override { return to_.end_key(end_offset); }
    Status long_string(uint64_t bytes) override { return to_.long_string(bytes); }
    Status part(std::string_view bytes) override { return to_.part(bytes); }

    Status begin_stream(uint64_t nodes) override {
        entries_ = 0;
        return to_.begin_stream(nodes);
    }
    Status stream_node(rdb::StreamId first, std::string_view listpack) override {
        return to_.stream_node(first, listpack);
    }
    Status stream_entry(rdb::StreamId id, uint64_t fields) override {
        if (entries_++ == 0) first_ = id;
        last_ = id;
        return to_.stream_entry(id, fields);
    }
    Status stream_field(std::string_view name) override { return to_.stream_field(name); }
    Status stream_value(std::string_view text) override { return to_.stream_value(text); }
    Status stream_state(const rdb::StreamState& state) override {
        rdb::StreamState mended = state;
        mended.length = entries_;
        mended.first_id = entries_ > 0 ? first_ : rdb::StreamId{};
        if (entries_ > 0) mended.last_id = std::max(state.last_id, last_);
        mended.entries_added = std::max(state.entries_added, entries_);
        return to_.stream_state(mended);
    }
    Status stream_group(const rdb::StreamGroup& group) override { return to_.stream_group(group); }
    Status stream_pending(const rdb::StreamPending& pending) override {
        return to_.stream_pending(pending);
    }
    Status stream_consumers(uint64_t count) override { return to_.stream_consumers(count); }
    Status stream_consumer(const rdb::StreamConsumer& consumer) override {
        return to_.stream_consumer(consumer);
    }
    Status stream_owned(rdb::StreamId id) override { return to_.stream_owned(id); }
    Status stream_producers(const rdb::StreamProducers& producers) override {
        return to_.stream_producers(producers);
    }
    Status stream_producer(std::string_view name, uint64_t iids) override {
        return to_.stream_producer(name, iids);
    }
    Status stream_iid(std::string_view name, rdb::StreamId id) override {
        return to_.stream_iid(name, id);
    }
    Status stream_producers_end(const rdb::StreamProducers& producers) override {
        return to_.stream_producers_end(producers);
    }

private:
    rdb::ValueSink& to_;
    uint64_t entries_ = 0;
    rdb::StreamId first_;
    rdb::StreamId last_;
};

}  // namespace tidemark::rdb_check
