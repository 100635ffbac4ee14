// For sinks that want every string whole, however long: collects the parts, and hands the call on
// with all of it.
//
//   WholeStrings whole(my_sink);
//   Reader reader(input, whole);
#pragma once

#include <string>
#include <string_view>

#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

class WholeStrings final : public ValueSink {
public:
    explicit WholeStrings(ValueSink& to) : to_(to) {}

    Status long_string(uint64_t) override {
        parts_.clear();
        return {};
    }
    Status part(std::string_view bytes) override {
        parts_.append(bytes);
        return {};
    }

    Status string(std::string_view value) override { return whole(&ValueSink::string, value); }
    Status element(std::string_view value) override { return whole(&ValueSink::element, value); }
    Status member(std::string_view value) override { return whole(&ValueSink::member, value); }
    Status scored(std::string_view value, double score) override {
        return whole(&ValueSink::scored, value, score);
    }
    Status field(std::string_view value) override { return whole(&ValueSink::field, value); }
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override {
        return whole(&ValueSink::field_value, value, expire_at_ms);
    }
    Status stream_field(std::string_view value) override {
        return whole(&ValueSink::stream_field, value);
    }
    Status stream_value(std::string_view value) override {
        return whole(&ValueSink::stream_value, value);
    }

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
    Status key_meta(uint64_t begin, uint64_t end) override { return to_.key_meta(begin, end); }
    Status slot_import(std::string_view job, uint64_t begin, uint64_t end) override {
        return to_.slot_import(job, begin, end);
    }
    void warning(const Finding& finding) override { to_.warning(finding); }
    Status progress(uint64_t done, uint64_t total) override { return to_.progress(done, total); }
    Status end() override { return to_.end(); }
    Status begin_key(const KeyRecord& key) override {
        parts_.clear();
        return to_.begin_key(key);
    }
    Status end_key(uint64_t end_offset) override { return to_.end_key(end_offset); }

    Status begin_list(uint64_t count) override { return to_.begin_list(count); }
    Status begin_set(uint64_t count) override { return to_.begin_set(count); }
    Status begin_zset(uint64_t count) override { return to_.begin_zset(count); }
    Status begin_hash(uint64_t count) override { return to_.begin_hash(count); }
    Status begin_stream(uint64_t nodes) override { return to_.begin_stream(nodes); }
    Status stream_node(StreamId master, std::string_view listpack) override {
        return to_.stream_node(master, listpack);
    }
    Status stream_entry(StreamId id, uint64_t fields) override {
        return to_.stream_entry(id, fields);
    }
    Status stream_state(const StreamState& state) override { return to_.stream_state(state); }
    Status stream_group(const StreamGroup& group) override { return to_.stream_group(group); }
    Status stream_pending(const StreamPending& pending) override {
        return to_.stream_pending(pending);
    }
    Status stream_consumers(uint64_t count) override { return to_.stream_consumers(count); }
    Status stream_consumer(const StreamConsumer& consumer) override {
        return to_.stream_consumer(consumer);
    }
    Status stream_owned(StreamId id) override { return to_.stream_owned(id); }
    Status stream_producers(const StreamProducers& producers) override {
        return to_.stream_producers(producers);
    }
    Status stream_producer(std::string_view name, uint64_t iids) override {
        return to_.stream_producer(name, iids);
    }
    Status stream_iid(std::string_view iid, StreamId id) override {
        return to_.stream_iid(iid, id);
    }
    Status stream_producers_end(const StreamProducers& producers) override {
        return to_.stream_producers_end(producers);
    }
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override {
        return to_.module_value(module, begin, end);
    }

private:
    template <class Call, class... More>
    Status whole(Call call, std::string_view bytes, More... more) {
        if (parts_.empty()) return (to_.*call)(bytes, more...);
        parts_.append(bytes);
        Status status = (to_.*call)(parts_, more...);
        parts_.clear();
        if (parts_.capacity() > 4 * kWholeStringMax) parts_.shrink_to_fit();
        return status;
    }

    ValueSink& to_;
    std::string parts_;
};

}  // namespace tidemark::rdb
