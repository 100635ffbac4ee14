// Passes everything on, but a key's value only while it is open: what decides key by key what
// becomes of it derives from this.
#pragma once

#include <cstdint>

#include "rdb/codec/forwarding_sink.h"
#include "tools/rdb_check/nowhere.h"

namespace tidemark::rdb_check {

class GateSink : public rdb::ForwardingSink {
public:
    // Opens or shuts the gate, and passes on what is behind an open one.
    Status begin_key(const rdb::KeyRecord& key) override = 0;
    Status end_key(uint64_t end_offset) override = 0;

protected:
    enum class Gate : uint8_t { kShut, kOpen };

    explicit GateSink(rdb::ValueSink& to) : ForwardingSink(to) { set_gate(Gate::kShut); }

    void set_gate(Gate gate) {
        gate_ = gate;
        send_values_to(is_open() ? to() : nowhere_);
    }
    bool is_open() const { return gate_ == Gate::kOpen; }

private:
    Nowhere nowhere_;
    Gate gate_ = Gate::kShut;
};

}  // namespace tidemark::rdb_check
