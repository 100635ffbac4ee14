// Reads a dump record by record, so that a tool can go on after damage, leave values out or start
// in the middle. The Reader, for whole files, is made of it.
//
//   RecordReader records(input, sink);
//   TM_CHECK(records.read_head());
//   while (true) {
//       const Record& record = TM_TRY(records.next());      // what is no key is the sink's already
//       if (record.kind == RecordKind::kEof) break;
//       if (record.kind == RecordKind::kKey) TM_CHECK(records.read_value());    // or skip_value()
//   }
//   TM_CHECK(records.read_trailer());
//
// After an error of next() or read_value(), finding() says what is wrong to a program. Damage
// inside a string leaves the frame of records whole: skip_value() goes to the end of the key whose
// value could not be read, whatever was read of it, and next() goes on there. Where that fails too,
// or what follows makes no sense, resync.h finds the next record.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "rdb/codec/count_hints.h"
#include "rdb/codec/decoding.h"
#include "rdb/codec/format.h"
#include "rdb/codec/seal_reader.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

enum class RecordKind : uint8_t {
    kKey,
    kSelectDb,
    kResizeDb,
    kSlotInfo,
    kAux,
    kFunction,
    kModuleAux,
    kSlotImport,
    kEof,  // the byte; the checksum is behind it
};

struct Record {
    RecordKind kind = RecordKind::kEof;
    uint64_t offset = 0;  // of the opcode or type byte
    KeyRecord key;        // of a kKey; its name is valid until the next call of next()
};

// What a place in the file needs to be read from.
struct ReaderState {
    Dialect dialect = Dialect::kRedis;
    int version = 0;
    uint64_t db = 0;
};

class RecordReader {
public:
    // None of them is the reader's. `spill` takes the members of collections that are too large
    // for RAM (unique.h).
    RecordReader(Input& input, ValueSink& sink, UniqueSpill* spill = nullptr,
                 NanScores nan_scores = NanScores::kRefuse)
        : in_(input), to_(in_, spill, nan_scores), sink_(sink) {}

    // Magic and version.
    Status read_head();
    // Instead of that, or after damage: goes on at `offset`, which begins a record.
    void start_at(uint64_t offset, const ReaderState& state);

    // Attributes up to a key's value, or one opcode.
    Result<const Record*> next();
    // After next() returned a key: begin_key, the value and end_key to the sink.
    Status read_value() { return read_value(sink_); }
    Status read_value(ValueSink& sink);
    // The same without looking into it, and to no sink.
    Status skip_value();
    // Behind the EOF byte: whether the file ends where it should. If not, and the checksum does not
    // fit either, the byte may be damage, and records go on behind it.
    bool is_at_end();
    // Behind the EOF byte: the checksum, where the version has one. `sink.end()` is not called.
    Status read_trailer();

    uint64_t offset() const { return in_.offset(); }  // of the byte that comes next
    ReaderState state() const { return {dialect_, version_, db_}; }
    // nullptr: the input or the sink refused, or there was no error.
    const Finding* finding() const { return finding_ ? &*finding_ : nullptr; }
    // The first segment whose seal does not fit its bytes, unless some of them were left out: the
    // sink has been warned, and what is in it is not to be trusted. kNoOffset: none.
    uint64_t damaged_segment() const { return damaged_segment_; }
    // After read_trailer(): it was there, and right.
    bool is_checksummed() const { return is_checksummed_; }
    uint64_t size() { return in_.source().size(); }  // of the input, or kUnknownSize

private:
    // What the opcodes before a key say about it.
    struct Attributes {
        std::optional<int64_t> expire_at_ms;
        std::optional<uint64_t> idle_seconds;
        std::optional<uint8_t> frequency;
        uint64_t begin = kNoOffset;  // of the first
    };

    Status read_record();
    Status read_key(uint8_t type);
    Status read_opcode(uint8_t opcode);
    Status read_attribute(uint8_t opcode);
    Status read_select();
    Status read_resize();
    Status read_slot_info();
    void warn_if_too_large(uint64_t hint);
    Status read_aux();
    void check_seal(std::string_view text);
    Status read_function();
    Status read_module_aux();
    Status read_key_meta();
    Status read_slot_import();
    Status end_of_records();
    Status value_into(ValueSink& sink);
    Status done(RecordKind kind);
    Status refuse_unknown(uint8_t first);
    void warn(FindingCode code, uint64_t begin, std::string what,
              std::optional<ServerDoes> server = std::nullopt);
    void warn_if_newer(std::string_view what, uint8_t number, int since) {
        if (since > version_) [[unlikely]]
            warn_of_newer(what, number, since);
    }
    void warn_of_newer(std::string_view what, uint8_t number, int since);
    void warn_of_lengths();
    // Completes the finding, and gives the error a place.
    tl::unexpected<Error> refused(Error error);

    Primitives in_;
    Decoding to_;
    ValueSink& sink_;
    Dialect dialect_ = Dialect::kRedis;
    int version_ = 0;
    uint64_t db_ = 0;
    Attributes attributes_;
    Record record_;
    bool is_in_key_ = false;   // record_ is a key, its name is read
    bool has_record_ = false;  // next() has one
    uint64_t value_begin_ = 0;
    std::string name_;  // of the key, for as long as its value is read
    std::optional<Finding> finding_;
    CountHints hints_;
    std::bitset<256> warned_newer_;
    uint64_t noncanonical_seen_ = 0;
    bool is_checksummed_ = false;
    SealCheck seals_;
    uint64_t damaged_segment_ = kNoOffset;
};

}  // namespace tidemark::rdb
