// Puts a stream's entries into nodes of their own, for when those that they came in are damaged.
// A node's listpack is drawn in rdb/codec/decode_stream.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/encoding/listpack.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb_check {

class StreamNodes {
public:
    explicit StreamNodes(rdb::ValueSink& to) : to_(to) {}

    // `texts`: its fields and values in turns.
    Status add(rdb::StreamId id, std::vector<std::string> texts);
    // Writes what was not written yet.
    Status finish();
    uint64_t nodes() const { return nodes_; }

private:
    struct Entry {
        rdb::StreamId id;
        std::vector<std::string> texts;
    };

    void append_master();
    void append_entry(const Entry& entry);
    bool has_fields_of_master(const Entry& entry) const;

    rdb::ValueSink& to_;
    std::vector<Entry> entries_;  // of the node; the first gives it its ID and its field names
    size_t bytes_ = 0;
    uint64_t nodes_ = 0;
    encoding::ListpackBuilder pack_;
};

}  // namespace tidemark::rdb_check
