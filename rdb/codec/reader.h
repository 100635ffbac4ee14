// Reads a dump to its EOF and hands its contents on. Knows bytes, not servers: the loader, checkers
// and tests use the same one.
//
//   Reader reader(input, sink);
//   const Summary summary = TM_TRY(reader.read());
//
// Everything is either handed on, or known to carry no data (hints, AUX), or an error: a file that
// was read without one has lost nothing. Errors say what is wrong and at which offset:
// - kTruncated: the bytes end where more must follow (a length that is wrong can look like that);
// - kCorrupt: they cannot mean anything;
// - kUnsupported: they mean something that this version has no place for.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "rdb/codec/format.h"
#include "rdb/codec/primitives.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

struct Summary {
    Dialect dialect = Dialect::kRedis;
    int version = 0;
    uint64_t keys = 0;
    uint64_t end_offset = 0;      // behind the checksum; the bytes from here on were not looked at
    bool is_checksummed = false;  // and it fitted
};

class Reader {
public:
    // Neither input nor sink is the reader's. The sink's progress() is called every 4 MiB.
    Reader(Input& input, ValueSink& sink) : in_(input), sink_(sink) {}

    Result<Summary> read();

private:
    // What the opcodes before a key say about it.
    struct Attributes {
        std::optional<int64_t> expire_at_ms;
        std::optional<uint64_t> idle_seconds;
        std::optional<uint8_t> frequency;
    };

    Status read_all();
    Status read_head();
    Status read_records();
    Status read_attribute_or_key(uint8_t first);
    Status read_opcode(uint8_t opcode);
    Status read_key(uint8_t type);
    Status read_aux();
    Status read_select();
    Status skip_lengths(int count);
    Status read_checksum();
    Status refuse_function();
    Status refuse_module_aux();
    Status refuse_unknown(uint8_t first) const;
    tl::unexpected<Error> unsupported(std::string what) const;
    tl::unexpected<Error> corrupt(std::string what) const;
    Status tell_progress();

    Primitives in_;
    ValueSink& sink_;
    Summary summary_;
    Attributes attributes_;
    std::string name_;  // of the key, for as long as its value is read
    uint64_t db_ = 0;
    uint64_t record_ = 0;  // offset of the opcode or type byte in hand
    uint64_t next_progress_ = 0;
};

}  // namespace tidemark::rdb
