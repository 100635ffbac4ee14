#include "tools/rdb_check/gate_sink.h"

namespace tidemark::rdb_check {

Status GateSink::long_string(uint64_t bytes) {
    return is_open() ? to_.long_string(bytes) : Status();
}

Status GateSink::part(std::string_view bytes) {
    return is_open() ? to_.part(bytes) : Status();
}

Status GateSink::string(std::string_view value) {
    return is_open() ? to_.string(value) : Status();
}

Status GateSink::begin_list(uint64_t count) {
    return is_open() ? to_.begin_list(count) : Status();
}

Status GateSink::element(std::string_view value) {
    return is_open() ? to_.element(value) : Status();
}

Status GateSink::begin_set(uint64_t count) {
    return is_open() ? to_.begin_set(count) : Status();
}

Status GateSink::member(std::string_view value) {
    return is_open() ? to_.member(value) : Status();
}

Status GateSink::begin_zset(uint64_t count) {
    return is_open() ? to_.begin_zset(count) : Status();
}

Status GateSink::scored(std::string_view value, double score) {
    return is_open() ? to_.scored(value, score) : Status();
}

Status GateSink::begin_hash(uint64_t count) {
    return is_open() ? to_.begin_hash(count) : Status();
}

Status GateSink::field(std::string_view name) {
    return is_open() ? to_.field(name) : Status();
}

Status GateSink::field_value(std::string_view value, std::optional<int64_t> expire_at_ms) {
    return is_open() ? to_.field_value(value, expire_at_ms) : Status();
}

Status GateSink::begin_stream(uint64_t nodes) {
    return is_open() ? to_.begin_stream(nodes) : Status();
}

Status GateSink::stream_node(rdb::StreamId master, std::string_view listpack) {
    return is_open() ? to_.stream_node(master, listpack) : Status();
}

Status GateSink::stream_entry(rdb::StreamId id, uint64_t fields) {
    return is_open() ? to_.stream_entry(id, fields) : Status();
}

Status GateSink::stream_field(std::string_view name) {
    return is_open() ? to_.stream_field(name) : Status();
}

Status GateSink::stream_value(std::string_view value) {
    return is_open() ? to_.stream_value(value) : Status();
}

Status GateSink::stream_state(const rdb::StreamState& state) {
    return is_open() ? to_.stream_state(state) : Status();
}

Status GateSink::stream_group(const rdb::StreamGroup& group) {
    return is_open() ? to_.stream_group(group) : Status();
}

Status GateSink::stream_pending(const rdb::StreamPending& pending) {
    return is_open() ? to_.stream_pending(pending) : Status();
}

Status GateSink::stream_consumers(uint64_t count) {
    return is_open() ? to_.stream_consumers(count) : Status();
}

Status GateSink::stream_consumer(const rdb::StreamConsumer& consumer) {
    return is_open() ? to_.stream_consumer(consumer) : Status();
}

Status GateSink::stream_owned(rdb::StreamId id) {
    return is_open() ? to_.stream_owned(id) : Status();
}

Status GateSink::stream_producers(const rdb::StreamProducers& producers) {
    return is_open() ? to_.stream_producers(producers) : Status();
}

Status GateSink::stream_producer(std::string_view name, uint64_t iids) {
    return is_open() ? to_.stream_producer(name, iids) : Status();
}

Status GateSink::stream_iid(std::string_view iid, rdb::StreamId id) {
    return is_open() ? to_.stream_iid(iid, id) : Status();
}

Status GateSink::stream_producers_end(const rdb::StreamProducers& producers) {
    return is_open() ? to_.stream_producers_end(producers) : Status();
}

Status GateSink::module_value(std::string_view module, uint64_t begin, uint64_t end) {
    return is_open() ? to_.module_value(module, begin, end) : Status();
}

}  // namespace tidemark::rdb_check
