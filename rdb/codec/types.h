// The table of value types: what a type byte means, how its value is framed, and who decodes it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "rdb/codec/format.h"

namespace tidemark::rdb {

class Decoding;

// Takes the value behind the key and hands it to the sink.
using Decode = Status (*)(Decoding& to);

// How a value is made of lengths, strings and fixed bytes: what it takes to find its end.
enum class Shape : uint8_t {
    kUnknown,
    kString,
    kStrings,            // length n, n strings
    kPairs,              // length n, 2n strings
    kTextScores,         // length n, n times (string, text of a score)
    kBinaryScores,       // length n, n times (string, 8 bytes)
    kContainers,         // length n, n times (length, string)
    kExpiryPairs,        // length n, n times (length, string, string)
    kPairsExpiry,        // length n, n times (string, string, 8 bytes)
    kLeastExpiryPairs,   // 8 bytes, then as kExpiryPairs
    kLeastExpiryString,  // 8 bytes, a string
    kModule,
    kStream1,
    kStream2,
    kStream3,
    kStream4,
};

struct TypeRow {
    uint8_t number;
    std::string_view kind;      // what TYPE would answer
    std::string_view encoding;  // how the file holds it
    uint16_t since;             // version that brought it
    Shape shape;
    Decode decode;  // nullptr: known, and cannot be understood
};

// nullptr: there is no such type.
const TypeRow* find_type(Dialect dialect, uint8_t number);

}  // namespace tidemark::rdb
