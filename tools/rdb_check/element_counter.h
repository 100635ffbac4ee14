// Counts a value's elements as a filter means them: members, fields, entries; 1 for a string.
#pragma once

#include <cstdint>

#include "rdb/codec/value_sink.h"

namespace tidemark::rdb_check {

class ElementCounter : public rdb::ValueSink {
public:
    uint64_t elements() const { return elements_; }

    Status begin_key(const rdb::KeyRecord&) override {
        elements_ = 1;  // of a string, or of what cannot be counted
        return {};
    }
    Status begin_list(uint64_t count) override { return set(count); }
    Status begin_set(uint64_t count) override { return set(count); }
    Status begin_zset(uint64_t count) override { return set(count); }
    Status begin_hash(uint64_t count) override { return set(count); }
    Status begin_stream(uint64_t) override { return set(0); }
    Status stream_entry(rdb::StreamId, uint64_t) override { return set(elements_ + 1); }

private:
    Status set(uint64_t elements) {
        elements_ = elements;
        return {};
    }

    uint64_t elements_ = 0;
};

}  // namespace tidemark::rdb_check
