// Between a reader and an encoder, for a key whose value is written anew: passes everything on, the
// key under another name if it gets one. What sets something right on the way derives from this.
#pragma once

#include <string>
#include <utility>

#include "tools/rdb_check/gate_sink.h"

namespace tidemark::rdb_check {

class ValueMender : public GateSink {
public:
    // An empty name: its own.
    ValueMender(rdb::ValueSink& to, std::string new_name)
        : GateSink(to), new_name_(std::move(new_name)) {}

    Status begin_key(const rdb::KeyRecord& key) override {
        set_gate(Gate::kOpen);
        rdb::KeyRecord named = key;
        if (!new_name_.empty()) named.name = new_name_;
        return to().begin_key(named);
    }
    Status end_key(uint64_t end_offset) override { return to().end_key(end_offset); }

private:
    std::string new_name_;
};

}  // namespace tidemark::rdb_check
