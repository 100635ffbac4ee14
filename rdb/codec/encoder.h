// Writes again what a reader tells: a ValueSink that makes records, in whatever version and form is
// asked for, and gives them to a RecordSink: a dump's frame, a DUMP payload, a buffer.
//
//   DumpWriter dump(file, {.version = 10});
//   Encoder encoder(dump, {.version = 10});
//   TM_CHECK(dump.begin());
//   TM_TRY(Reader(input, encoder).read());     // any number of them
//   TM_CHECK(dump.finish());
//
// What the version has no place for is refused or dropped (LossPolicy): hash fields' expiries
// before 12, streams before 9 and their counters before 10, functions before 10, modules' data
// before 8 or without their source. Hints (AUX before 7, RESIZEDB, SLOT_INFO, idle time and
// frequency before 9) go without a word. A hash with field expiry in version 11 is an error that
// says so: whoever converts begins again with 12.
//
// Memory: collections are collected up to 4 MiB to find out whether they have a compact form, and a
// field's value is whole where its expiry comes first; everything else streams, and strings that
// come in parts are written uncompressed, part by part.
//
// A key that is not ended, because reading it failed, may have left a part of its record behind:
// then no other can begin, and what is being written is of no use. A collection without elements is
// not written (Redis would skip it).
#pragma once

#include <initializer_list>
#include <string>

#include "rdb/codec/encode_hash.h"
#include "rdb/codec/encode_list.h"
#include "rdb/codec/encode_options.h"
#include "rdb/codec/encode_set.h"
#include "rdb/codec/encode_stream.h"
#include "rdb/codec/encode_zset.h"
#include "rdb/codec/record_out.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

class Encoder final : public ValueSink {
public:
    // The sink is not the encoder's.
    Encoder(RecordSink& sink, EncodeOptions options);

    const Losses& losses() const { return losses_; }

    Status select_db(uint64_t db) override;
    void aux(std::string_view name, std::string_view value) override;
    void resize_db(uint64_t keys, uint64_t with_expiry) override;
    void slot_info(uint64_t slot, uint64_t keys, uint64_t with_expiry) override;
    Status function(std::string_view source) override;
    Status module_aux(std::string_view module, uint64_t begin, uint64_t end) override;
    Status end() override;

    Status begin_key(const KeyRecord& key) override;
    Status end_key(uint64_t end_offset) override;

    Status long_string(uint64_t bytes) override;
    Status part(std::string_view bytes) override;

    Status string(std::string_view text) override;
    Status begin_list(uint64_t count) override;
    Status element(std::string_view text) override;
    Status begin_set(uint64_t count) override;
    Status member(std::string_view text) override;
    Status begin_zset(uint64_t count) override;
    Status scored(std::string_view member, double score) override;
    Status begin_hash(uint64_t count) override;
    Status field(std::string_view name) override;
    Status field_value(std::string_view text, std::optional<int64_t> expire_at_ms) override;
    Status begin_stream(uint64_t nodes) override;
    Status stream_node(StreamId first, std::string_view listpack) override;
    Status stream_field(std::string_view name) override;
    Status stream_value(std::string_view text) override;
    Status stream_state(const StreamState& state) override;
    Status stream_group(const StreamGroup& group) override;
    Status stream_pending(const StreamPending& pending) override;
    Status stream_consumers(uint64_t count) override;
    Status stream_consumer(const StreamConsumer& consumer) override;
    Status stream_owned(StreamId id) override;
    Status stream_producers(const StreamProducers& producers) override;
    Status stream_producer(std::string_view name, uint64_t iids) override;
    Status stream_iid(std::string_view name, StreamId id) override;
    Status stream_producers_end(const StreamProducers& producers) override;
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override;

private:
    enum class Kind : uint8_t {
        kOutside,  // of a key
        kUnknown,  // nothing of the value has come
        kString,
        kList,
        kSet,
        kZset,
        kHash,
        kStream,
        kDropped,
    };

    // A hint in `bytes` lengths; an error waits for the next call that can return one.
    void write_hint(uint8_t opcode, std::initializer_list<uint64_t> lengths);
    Status refuse_or_drop(uint64_t& losses, std::string what);
    // Whether the value in hand can take a long string in parts; makes it ready for them.
    Result<bool> prepare_parts();
    // The whole text of which `rest` is all or the last part.
    std::string_view whole(std::string_view rest);

    RecordSink& sink_;
    EncodeOptions options_;
    Losses losses_;
    RecordOut out_;
    ListEncoder list_;
    SetEncoder set_;
    ZsetEncoder zset_;
    HashEncoder hash_;
    StreamEncoder stream_;
    Kind kind_ = Kind::kOutside;
    uint8_t type_ = 0;  // in the file that is being read
    uint64_t db_ = 0;
    std::string held_;  // parts of a string that must be whole
    bool is_holding_ = false;
    Status hint_;  // the first error of a hint
};

}  // namespace tidemark::rdb
