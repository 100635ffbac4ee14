// Takes everything, keeps nothing: for who reads to see whether it can be read.
#pragma once

#include "rdb/codec/value_sink.h"

namespace tidemark::rdb_check {

class Nowhere final : public rdb::ValueSink {
public:
    Status begin_key(const rdb::KeyRecord&) override { return {}; }
};

}  // namespace tidemark::rdb_check
