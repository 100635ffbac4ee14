// Dumps to measure checkers on, made of nothing but a seed.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "rdb/codec/dump_writer.h"

namespace tidemark::bench {

enum class DumpKind : uint8_t {
    kSmallStrings,  // 16-byte keys, values of 32 to 128 bytes
    kMixed,         // those, and small hashes, lists and sorted sets in listpacks
    kOneHash,       // one hash with 32-byte fields and values
    kTinyKeys,      // keys of 8 bytes with values of 1: as many as the size takes
};

// Writes about `bytes` to `path`, as version 10 (what redis-check-rdb 7.0 reads). Returns how many
// keys, or fields of the one hash.
Result<uint64_t> make_dump(const std::string& path, DumpKind kind, uint64_t bytes,
                           rdb::Sealing sealing);

}  // namespace tidemark::bench
