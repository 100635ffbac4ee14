// A dump's records one at a time, each with what it takes to count, copy or leave it out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "rdb/codec/record_reader.h"
#include "tools/rdb_check/dump_head.h"

namespace tidemark::rdb_check {

// Where a record begins, and which db is selected there.
struct WalkPlace {
    uint64_t offset = 0;
    uint64_t db = 0;
    bool operator==(const WalkPlace&) const = default;
};

struct Step {
    rdb::RecordKind kind = rdb::RecordKind::kEof;
    uint64_t begin = 0;   // of the key's first attribute, or of the opcode
    uint64_t offset = 0;  // of the type byte or opcode
    uint64_t end = 0;
    uint64_t db = 0;  // of the key; of a SELECTDB: the new one
    // Of a key.
    const rdb::TypeRow* type = nullptr;
    uint64_t name_bytes = 0;
    bool is_name_text = false;  // printable ASCII or UTF-8; told by a stepper that looks at names
    uint64_t key_hash = 0;
    std::optional<int64_t> expire_at_ms;

    bool is_key() const { return kind == rdb::RecordKind::kKey; }
    bool is_eof() const { return kind == rdb::RecordKind::kEof; }
};

enum class LookAtNames : uint8_t { kNo, kYes };

struct StepperOptions {
    rdb::UniqueSpill* spill = nullptr;  // nullptr: what must be unique is held in memory
    LookAtNames names = LookAtNames::kNo;
    rdb::NanScores nan_scores = rdb::NanScores::kRefuse;
};

class RecordStepper {
public:
    // `sink` hears what the records hold.
    RecordStepper(rdb::Input& input, const DumpHead& head, rdb::ValueSink& sink,
                  const StepperOptions& options = {});

    void seek(const WalkPlace& place);
    WalkPlace place() const { return {reader_.offset(), reader_.state().db}; }

    // The whole record that comes next, its value looked into deeply. Valid until the next call, as
    // is that of skip().
    Result<const Step*> read();
    // The same by its framing.
    Result<const Step*> skip();
    // After an error that is about the bytes.
    rdb::Finding finding() const;

private:
    Status next();

    rdb::RecordReader reader_;
    DumpHead head_;
    LookAtNames names_;
    // Filled in place: handing it on by value costs a quarter of the time of a short record.
    Step step_;
};

}  // namespace tidemark::rdb_check
