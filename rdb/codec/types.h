// The table of value types: what a type byte means, and who decodes it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "rdb/codec/format.h"
#include "rdb/codec/primitives.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

// Takes the value behind the key and hands it to the sink.
using Decode = Status (*)(Primitives& in, ValueSink& sink);

struct TypeRow {
    uint8_t number;
    std::string_view kind;      // what TYPE would answer
    std::string_view encoding;  // how the file holds it
    uint16_t since;             // version that brought it
    Decode decode;              // nullptr: known, and not understood yet
};

// nullptr: there is no such type.
const TypeRow* find_type(Dialect dialect, uint8_t number);

}  // namespace tidemark::rdb
