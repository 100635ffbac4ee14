// Passes everything on, but a key's value only while it is open: what decides key by key what
// becomes of it derives from this.
#pragma once

#include <optional>

#include "rdb/codec/value_sink.h"

namespace tidemark::rdb_check {

class GateSink : public rdb::ValueSink {
public:
    explicit GateSink(rdb::ValueSink& to) : to_(to) {}

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
    Status slot_import(std::string_view job, uint64_t begin, uint64_t end) override {
        return to_.slot_import(job, begin, end);
    }
    Status key_meta(uint64_t begin, uint64_t end) override { return to_.key_meta(begin, end); }
    void warning(const rdb::Finding& finding) override { to_.warning(finding); }
    Status progress(uint64_t done, uint64_t total) override { return to_.progress(done, total); }
    Status end() override { return to_.end(); }

    // Opens or shuts the gate, and passes on what is behind an open one.
    Status begin_key(const rdb::KeyRecord& key) override = 0;
    Status end_key(uint64_t end_offset) override = 0;

    Status long_string(uint64_t bytes) override;
    Status part(std::string_view bytes) override;
    Status string(std::string_view value) override;
    Status begin_list(uint64_t count) override;
    Status element(std::string_view value) override;
    Status begin_set(uint64_t count) override;
    Status member(std::string_view value) override;
    Status begin_zset(uint64_t count) override;
    Status scored(std::string_view value, double score) override;
    Status begin_hash(uint64_t count) override;
    Status field(std::string_view name) override;
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override;
    Status begin_stream(uint64_t nodes) override;
    Status stream_node(rdb::StreamId master, std::string_view listpack) override;
    Status stream_entry(rdb::StreamId id, uint64_t fields) override;
    Status stream_field(std::string_view name) override;
    Status stream_value(std::string_view value) override;
    Status stream_state(const rdb::StreamState& state) override;
    Status stream_group(const rdb::StreamGroup& group) override;
    Status stream_pending(const rdb::StreamPending& pending) override;
    Status stream_consumers(uint64_t count) override;
    Status stream_consumer(const rdb::StreamConsumer& consumer) override;
    Status stream_owned(rdb::StreamId id) override;
    Status stream_producers(const rdb::StreamProducers& producers) override;
    Status stream_producer(std::string_view name, uint64_t iids) override;
    Status stream_iid(std::string_view iid, rdb::StreamId id) override;
    Status stream_producers_end(const rdb::StreamProducers& producers) override;
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override;

protected:
    enum class Gate : uint8_t { kShut, kOpen };
    void set_gate(Gate gate) { gate_ = gate; }
    bool is_open() const { return gate_ == Gate::kOpen; }
    rdb::ValueSink& to() { return to_; }

private:
    rdb::ValueSink& to_;
    Gate gate_ = Gate::kShut;
};

}  // namespace tidemark::rdb_check
