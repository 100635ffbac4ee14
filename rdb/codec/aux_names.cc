#include "rdb/codec/aux_names.h"

#include <algorithm>
#include <array>

#include "rdb/codec/seal.h"

namespace tidemark::rdb {

bool is_known_aux(std::string_view name) {
    constexpr auto kNames = std::to_array<std::string_view>({
        "redis-ver",
        "valkey-ver",
        "redis-bits",
        "ctime",
        "used-mem",
        "repl-stream-db",
        "repl-id",
        "repl-offset",
        "aof-base",
        "aof-preamble",
        "lua",
        "slot-info",
        "cluster-slot-states",
        "cluster-slot-imports",
    });
    return name.starts_with(kOwnAuxPrefix) ||
           std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace tidemark::rdb
