// Reads a dump to its EOF and hands its contents on. Knows bytes, not servers: the loader, checkers
// and tests use the same one.
//
//   Reader reader(input, sink);
//   const Summary summary = TM_TRY(reader.read());
//
// Everything is either handed on, or known to carry no data (hints, AUX), or an error: a file that
// was read without one has lost nothing that its sink did not leave out. Errors say what is wrong
// and at which offset:
// - kTruncated: the bytes end where more must follow (a length that is wrong can look like that);
// - kCorrupt: they cannot mean anything;
// - kUnsupported: they mean something that nobody here has a place for.
//
// The first error ends it. Who wants to go on behind it uses the RecordReader.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "rdb/codec/format.h"
#include "rdb/codec/record_reader.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

struct Summary {
    Dialect dialect = Dialect::kRedis;
    int version = 0;
    uint64_t keys = 0;
    uint64_t end_offset = 0;      // behind the checksum; the bytes from here on were not looked at
    bool is_checksummed = false;  // and it fitted
};

// The error of a record as a whole sentence: "the RDB data is damaged at offset 12: ...".
Error in_words(Error error);

class Reader {
public:
    // Neither input nor sink is the reader's. The sink's progress() is called every 4 MiB.
    Reader(Input& input, ValueSink& sink, UniqueSpill* spill = nullptr)
        : records_(input, sink, spill), sink_(sink) {}

    Result<Summary> read();
    // What the error was, for a program; see RecordReader::finding().
    const Finding* finding() const { return records_.finding(); }

private:
    Status read_all();
    Status read_records();
    Status tell_progress();
    Status damaged_segment() const;

    RecordReader records_;
    ValueSink& sink_;
    Summary summary_;
    uint64_t next_progress_ = 0;
};

}  // namespace tidemark::rdb
