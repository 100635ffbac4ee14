// What an encoder is asked for, and what it could not keep.
#pragma once

#include <cstdint>

#include "rdb/codec/byte_source.h"
#include "rdb/codec/dump_writer.h"
#include "rdb/codec/format.h"
#include "rdb/codec/pack.h"

namespace tidemark::rdb {

// Small collections as Redis holds them in memory (listpack, intset, quicklist), or element by
// element, as every version since the first reads them.
enum class Packing : uint8_t { kCompact, kPlain };

// What to do with something that the version has no place for.
enum class LossPolicy : uint8_t { kRefuse, kDrop };

// Attributes, type, name, value; or type and value as DUMP has them.
enum class RecordForm : uint8_t { kKeyed, kPayload };

struct EncodeOptions {
    Dialect dialect = Dialect::kRedis;
    int version = kDefaultVersion;  // see can_write
    Compression compression = Compression::kLzf;
    Packing packing = Packing::kCompact;
    LossPolicy loss = LossPolicy::kRefuse;
    RecordForm form = RecordForm::kKeyed;
    // What is being read: modules' values are copied from there. Without it they are a loss.
    Input* source = nullptr;
};

// What LossPolicy::kDrop dropped.
struct Losses {
    uint64_t field_expiries = 0;  // fields whose expiry is gone
    uint64_t streams = 0;         // keys
    uint64_t producers = 0;       // of streams
    uint64_t stream_states = 0;   // streams whose counters are not those that are derived
    uint64_t functions = 0;       // libraries
    uint64_t module_values = 0;   // keys
    uint64_t module_aux = 0;      // fields

    uint64_t total() const {
        return field_expiries + streams + producers + stream_states + functions + module_values +
               module_aux;
    }
    bool operator==(const Losses&) const = default;
};

}  // namespace tidemark::rdb
