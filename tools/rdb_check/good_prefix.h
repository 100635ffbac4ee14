// What can be kept of a value that is damaged: what stands in front of the damage. Lengths stand in
// front of what they count, so its record is read twice: to count what is sound, and to hand on so
// much.
//
//   find: reader -> PrefixSink -> nowhere, counted;  write: reader -> PrefixSink -> encoder
//
// Of a stream the entries are kept, in nodes of their own, and its groups are not. Of a compressed
// string it is what can be unpacked: up to where the damage is noticed, not to where it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/rdb_check/gate_sink.h"
#include "tools/rdb_check/record_stepper.h"
#include "tools/rdb_check/stream_nodes.h"
#include "tools/rdb_check/unpacked_input.h"

namespace tidemark::rdb_check {

struct Prefix {
    uint64_t elements = UINT64_MAX;  // of a string: bytes
    uint64_t nodes = UINT64_MAX;     // that a stream's entries take
};

class PrefixSink final : public GateSink {
public:
    PrefixSink(rdb::ValueSink& to, const Prefix& wanted)
        : GateSink(to), wanted_(wanted), nodes_(to) {}

    // No more comes: ends the key.
    Status finish(uint64_t end_offset);
    const Prefix& passed() const { return passed_; }

    Status begin_key(const rdb::KeyRecord& key) override;
    Status end_key(uint64_t) override { return {}; }

    Status long_string(uint64_t bytes) override;
    Status part(std::string_view bytes) override;
    Status string(std::string_view rest) override;

    Status begin_list(uint64_t) override { return GateSink::begin_list(wanted_.elements); }
    Status begin_set(uint64_t) override { return GateSink::begin_set(wanted_.elements); }
    Status begin_zset(uint64_t) override { return GateSink::begin_zset(wanted_.elements); }
    Status begin_hash(uint64_t) override { return GateSink::begin_hash(wanted_.elements); }
    Status element(std::string_view text) override { return count(GateSink::element(text)); }
    Status member(std::string_view text) override { return count(GateSink::member(text)); }
    Status scored(std::string_view text, double score) override {
        return count(GateSink::scored(text, score));
    }
    Status field_value(std::string_view text, std::optional<int64_t> expire_at_ms) override {
        return count(GateSink::field_value(text, expire_at_ms));
    }

    Status begin_stream(uint64_t nodes) override;
    Status stream_node(rdb::StreamId, std::string_view) override { return {}; }
    Status stream_entry(rdb::StreamId id, uint64_t fields) override;
    Status stream_field(std::string_view rest) override { return stream_text(rest); }
    Status stream_value(std::string_view rest) override { return stream_text(rest); }
    Status stream_state(const rdb::StreamState& state) override;
    Status stream_group(const rdb::StreamGroup&) override { return {}; }
    Status stream_pending(const rdb::StreamPending&) override { return {}; }
    Status stream_consumers(uint64_t) override { return {}; }
    Status stream_consumer(const rdb::StreamConsumer&) override { return {}; }
    Status stream_owned(rdb::StreamId) override { return {}; }
    Status stream_producers(const rdb::StreamProducers&) override { return {}; }
    Status stream_producer(std::string_view, uint64_t) override { return {}; }
    Status stream_iid(std::string_view, rdb::StreamId) override { return {}; }
    Status stream_producers_end(const rdb::StreamProducers&) override { return {}; }

private:
    enum class Kind : uint8_t { kString, kStream, kOther };

    Status count(Status passed_on);
    Status stream_text(std::string_view rest);
    Status take_entry();
    Status finish_stream();

    Prefix wanted_;
    Prefix passed_{0, 0};
    Kind kind_ = Kind::kOther;
    bool has_length_ = false;  // of a string
    // Of a stream.
    StreamNodes nodes_;
    rdb::StreamId id_;  // of the entry that comes
    size_t texts_wanted_ = 0;
    std::vector<std::string> texts_;
    std::string parts_;
    rdb::StreamState state_;
};

// Of the record of a key whose framing holds.
class GoodPrefix {
public:
    // Reads what is sound. An error is of the input.
    static Result<GoodPrefix> find(rdb::Input& input, const DumpHead& head, const Step& record);

    // Elements; of a string: bytes.
    uint64_t elements() const { return sound_.elements; }
    // Once more, to where it is to go. An error is of the input or of `to`.
    Status write(rdb::ValueSink& to);

private:
    struct Reading {
        Prefix sound;
        rdb::Finding damage;
    };

    GoodPrefix(rdb::Input& input, const DumpHead& head, const Step& record)
        : input_(&input), head_(head), record_(record) {}
    Result<Reading> read(rdb::ValueSink& to, const Prefix& wanted);
    Result<bool> unpack(const rdb::Finding& damage);
    Result<std::optional<Filling>> filling_for(const rdb::Finding& damage);

    rdb::Input* input_;
    DumpHead head_;
    Step record_;
    std::optional<UnpackedInput> unpacked_;  // where that tells more
    Prefix sound_;
};

}  // namespace tidemark::rdb_check
