#include "rdb/codec/encode_stream.h"

#include <fmt/format.h>

#include <utility>

#include "rdb/codec/type_numbers.h"

namespace tidemark::rdb {

namespace {

// What a server takes a group for whose stream comes in the first form: how many entries lie in
// front of where it is, if that is plain.
uint64_t derived_entries_read(const StreamState& stream, StreamId last_id) {
    if (stream.length == 0) return 0;
    if (last_id == stream.last_id) return stream.length;
    if (last_id < stream.first_id) return 0;
    return last_id == stream.first_id ? 1 : kEntriesReadUnknown;
}

}  // namespace

bool StreamEncoder::fits() const {
    return out_.holds(type::kStream);
}

Status StreamEncoder::begin(uint64_t nodes, uint8_t type) {
    has_lost_state_ = false;
    type_ = type::kStream;
    if (out_.holds(type::kStream2)) type_ = type::kStream2;
    if (out_.holds(type::kStream3)) type_ = type::kStream3;
    if (out_.holds(type::kStream4) && type == type::kStream4) type_ = type::kStream4;
    TM_CHECK(out_.begin(type_));
    return out_.length(nodes);
}

void StreamEncoder::raw_id(StreamId id) {
    pack_big_endian(out_.bytes(), id.ms, 8);
    pack_big_endian(out_.bytes(), id.seq, 8);
}

Status StreamEncoder::id(StreamId id) {
    TM_CHECK(out_.length(id.ms));
    return out_.length(id.seq);
}

Status StreamEncoder::node(StreamId first, std::string_view listpack) {
    TM_CHECK(out_.length(16));
    raw_id(first);
    return out_.blob(listpack);
}

// Once a stream.
Status StreamEncoder::lose_state() {
    if (out_.options().loss == LossPolicy::kRefuse) {
        return fail(ErrorCode::kUnsupported,
                    fmt::format("a stream's counters of what was added, deleted and read, which "
                                "version {} has no place for; 10 has",
                                out_.options().version));
    }
    if (!std::exchange(has_lost_state_, true)) ++losses_.stream_states;
    return {};
}

Status StreamEncoder::state(const StreamState& state) {
    state_ = state;
    const bool is_derived =
        state.max_deleted_id == StreamId{} && state.entries_added == state.length;
    if (type_ < type::kStream2 && !is_derived) TM_CHECK(lose_state());
    TM_CHECK(out_.length(state.length));
    TM_CHECK(id(state.last_id));
    if (type_ >= type::kStream2) {
        TM_CHECK(id(state.first_id));
        TM_CHECK(id(state.max_deleted_id));
        TM_CHECK(out_.length(state.entries_added));
    }
    return out_.length(state.groups);
}

Status StreamEncoder::group(const StreamGroup& group) {
    const bool is_derived = group.entries_read == kEntriesReadUnknown ||
                            group.entries_read == derived_entries_read(state_, group.last_id);
    if (type_ < type::kStream2 && !is_derived) TM_CHECK(lose_state());
    TM_CHECK(out_.text(group.name));
    TM_CHECK(id(group.last_id));
    if (type_ >= type::kStream2) TM_CHECK(out_.length(group.entries_read));
    return out_.length(group.pending);
}

Status StreamEncoder::pending(const StreamPending& pending) {
    raw_id(pending.id);
    pack_int64(out_.bytes(), pending.delivered_at_ms);
    return out_.length(pending.deliveries);
}

Status StreamEncoder::consumers(uint64_t count) {
    return out_.length(count);
}

Status StreamEncoder::consumer(const StreamConsumer& consumer) {
    TM_CHECK(out_.text(consumer.name));
    pack_int64(out_.bytes(), consumer.seen_at_ms);
    if (type_ >= type::kStream3) pack_int64(out_.bytes(), consumer.active_at_ms);
    return out_.length(consumer.pending);
}

Status StreamEncoder::owned(StreamId id) {
    raw_id(id);
    return out_.part({});
}

Status StreamEncoder::producers(const StreamProducers& producers) {
    if (type_ >= type::kStream4) {
        TM_CHECK(out_.length(producers.duration_s));
        TM_CHECK(out_.length(producers.entries_max));
        return out_.length(producers.producers);
    }
    if (producers.producers == 0) return {};
    if (out_.options().loss == LossPolicy::kRefuse) {
        return fail(ErrorCode::kUnsupported,
                    fmt::format("a stream with {} idempotent producers, which version {} has no "
                                "place for; 13 has",
                                producers.producers, out_.options().version));
    }
    losses_.producers += producers.producers;
    return {};
}

Status StreamEncoder::producer(std::string_view name, uint64_t iids) {
    if (type_ < type::kStream4) return {};
    TM_CHECK(out_.text(name));
    return out_.length(iids);
}

Status StreamEncoder::iid(std::string_view name, StreamId id) {
    if (type_ < type::kStream4) return {};
    TM_CHECK(out_.text(name));
    return this->id(id);
}

Status StreamEncoder::producers_end(const StreamProducers& producers) {
    if (type_ < type::kStream4) return {};
    TM_CHECK(out_.length(producers.iids_added));
    return out_.length(producers.iids_duplicates);
}

}  // namespace tidemark::rdb
