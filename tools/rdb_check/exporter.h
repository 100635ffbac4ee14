// What `export` writes, one class a format: JSON and NDJSON, RESP commands, CSV. Each takes a
// dump's contents as they come and holds no value whole.
#pragma once

#include <memory>

#include "rdb/codec/byte_source.h"
#include "rdb/codec/value_sink.h"
#include "tools/rdb_check/out_buffer.h"

namespace tidemark::rdb_check {

class Exporter : public rdb::ValueSink {
public:
    // Before the first key, and behind the last one.
    virtual void begin() {}
    virtual void finish() {}
    // What the format has no form for.
    struct LeftOut {
        uint64_t module_values = 0;  // the key is told, its value is not
        uint64_t libraries = 0;      // of functions
        uint64_t groups = 0;         // of streams
    };
    const LeftOut& left_out() const { return left_out_; }

protected:
    LeftOut left_out_;
};

enum class JsonFrame : uint8_t {
    kArray,  // one document: an array of keys
    kLines,  // a key a line
    kKeys,   // the same, without the newlines: into a document of somebody else's
};

// {"db":0,"key":"user:1","type":"hash","encoding":"listpack","fields":[...]}. Text that is no
// UTF-8, or came in parts, is base64 in a member with _b64 behind its name, or, as an element of an
// array, {"b64":"..."}.
std::unique_ptr<Exporter> make_json_exporter(OutBuffer& out, JsonFrame frame);

enum class ExistingKeys : uint8_t { kExtend, kReplace };

// Commands that make the same data, for redis-cli --pipe or as a log. `input` is where the dump
// lies: a module's value is copied from there into a RESTORE.
std::unique_ptr<Exporter> make_resp_exporter(OutBuffer& out, rdb::Input& input,
                                             ExistingKeys existing);

// A row an element; the first one names the columns. Bytes that are no text are \xHH, and a
// backslash is two.
std::unique_ptr<Exporter> make_csv_exporter(OutBuffer& out);

}  // namespace tidemark::rdb_check
