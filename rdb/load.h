// A dump becomes keys.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "engine/keyspace.h"
#include "io/disk.h"
#include "rdb/codec/reader.h"

namespace tidemark::rdb {

// Bytes done and in all; an error ends the load.
using Progress = std::function<Status(uint64_t, uint64_t)>;

// Reads the dump at the front of `file` into the keyspace, as the base of a log: keys whose time
// has come are loaded too, because the log behind it decides what becomes of them. The keyspace is
// replaying and its sink takes nothing: what is loaded is logged already.
//
// After an error the keyspace holds a part. A key that is there already is an error.
Result<Summary> load_base(io::File& file, engine::Keyspace& keyspace, const Progress& progress);

}  // namespace tidemark::rdb
