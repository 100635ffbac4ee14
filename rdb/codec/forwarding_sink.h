// Hands every call on: what changes, counts or holds back some of them derives from this and says
// only those.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

class ForwardingSink : public ValueSink {
public:
    Status select_db(uint64_t db) override { return to_.select_db(db); }
    void aux(std::string_view name, std::string_view value) override { to_.aux(name, value); }
    void resize_db(uint64_t keys, uint64_t with_expiry) override {
        to_.resize_db(keys, with_expiry);
    }
    void slot_info(uint64_t slot, uint64_t keys, uint64_t with_expiry) override {
        to_.slot_info(slot, keys, with_expiry);
    }
    Status function(std::string_view source) override { return to_.function(source); }
    Status module_aux(std::string_view module, uint64_t begin, uint64_t end) override {
        return to_.module_aux(module, begin, end);
    }
    void warning(const Finding& finding) override { to_.warning(finding); }
    Status progress(uint64_t done, uint64_t total) override { return to_.progress(done, total); }
    Status key_meta(uint64_t begin, uint64_t end) override { return to_.key_meta(begin, end); }
    Status slot_import(std::string_view job, uint64_t begin, uint64_t end) override {
        return to_.slot_import(job, begin, end);
    }
    Status end() override { return to_.end(); }

    Status begin_key(const KeyRecord& key) override { return to_.begin_key(key); }
    Status end_key(uint64_t end_offset) override { return to_.end_key(end_offset); }

    // --- of a key's value
    Status long_string(uint64_t bytes) override { return value_to_->long_string(bytes); }
    Status part(std::string_view bytes) override { return value_to_->part(bytes); }
    Status string(std::string_view value) override { return value_to_->string(value); }
    Status begin_list(uint64_t count) override { return value_to_->begin_list(count); }
    Status element(std::string_view value) override { return value_to_->element(value); }
    Status begin_set(uint64_t count) override { return value_to_->begin_set(count); }
    Status member(std::string_view value) override { return value_to_->member(value); }
    Status begin_zset(uint64_t count) override { return value_to_->begin_zset(count); }
    Status scored(std::string_view value, double score) override {
        return value_to_->scored(value, score);
    }
    Status begin_hash(uint64_t count) override { return value_to_->begin_hash(count); }
    Status field(std::string_view name) override { return value_to_->field(name); }
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override {
        return value_to_->field_value(value, expire_at_ms);
    }
    Status begin_stream(uint64_t nodes) override { return value_to_->begin_stream(nodes); }
    Status stream_node(StreamId master, std::string_view listpack) override {
        return value_to_->stream_node(master, listpack);
    }
    Status stream_entry(StreamId id, uint64_t fields) override {
        return value_to_->stream_entry(id, fields);
    }
    Status stream_field(std::string_view name) override { return value_to_->stream_field(name); }
    Status stream_value(std::string_view value) override { return value_to_->stream_value(value); }
    Status stream_state(const StreamState& state) override {
        return value_to_->stream_state(state);
    }
    Status stream_group(const StreamGroup& group) override {
        return value_to_->stream_group(group);
    }
    Status stream_pending(const StreamPending& pending) override {
        return value_to_->stream_pending(pending);
    }
    Status stream_consumers(uint64_t count) override { return value_to_->stream_consumers(count); }
    Status stream_consumer(const StreamConsumer& consumer) override {
        return value_to_->stream_consumer(consumer);
    }
    Status stream_owned(StreamId id) override { return value_to_->stream_owned(id); }
    Status stream_producers(const StreamProducers& producers) override {
        return value_to_->stream_producers(producers);
    }
    Status stream_producer(std::string_view name, uint64_t iids) override {
        return value_to_->stream_producer(name, iids);
    }
    Status stream_iid(std::string_view iid, StreamId id) override {
        return value_to_->stream_iid(iid, id);
    }
    Status stream_producers_end(const StreamProducers& producers) override {
        return value_to_->stream_producers_end(producers);
    }
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override {
        return value_to_->module_value(module, begin, end);
    }

protected:
    // `to` outlives it.
    explicit ForwardingSink(ValueSink& to) : to_(to), value_to_(&to) {}
    ForwardingSink(const ForwardingSink&) = delete;
    ForwardingSink& operator=(const ForwardingSink&) = delete;

    ValueSink& to() { return to_; }
    // Where values go from now on; all else goes where it went.
    void send_values_to(ValueSink& to) { value_to_ = &to; }

private:
    ValueSink& to_;
    ValueSink* value_to_;
};

}  // namespace tidemark::rdb
