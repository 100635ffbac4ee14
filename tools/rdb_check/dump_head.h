// The two ends of a dump: magic and version in front, the checksum behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "rdb/codec/format.h"
#include "rdb/codec/primitives.h"

namespace tidemark::rdb_check {

struct DumpHead {
    rdb::Dialect dialect = rdb::Dialect::kRedis;
    int version = 0;

    // "Redis dump, version 10"
    std::string name() const;
    bool is_known() const;  // a version that the reader understands
};

// Takes the first nine bytes. kCorrupt when they are no dump's; a version that is too new is not an
// error here.
Result<DumpHead> read_dump_head(rdb::Primitives& in);

// The last eight bytes, when a byte EOF stands in front of them.
Result<std::optional<uint64_t>> read_stored_checksum(rdb::Input& input);

}  // namespace tidemark::rdb_check
