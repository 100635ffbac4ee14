// What a logged command may change, as far as that shows without running it: by the positions of
// its keys, and a table of the commands that these do not describe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "aof/codec/command_names.h"
#include "aof/codec/scan.h"

namespace tidemark::aof {

enum class Reach : uint8_t {
    kNothing,     // that a dump holds
    kLibraries,   // of functions, no keys
    kKeys,        // `keys`
    kDatabases,   // all keys of `dbs`
    kEverything,  // or it cannot be told
};

struct WrittenKey {
    uint64_t db = 0;
    std::string_view name;
};

struct Written {
    Reach reach = Reach::kNothing;
    std::vector<WrittenKey> keys;
    std::vector<uint64_t> dbs;
};

// Into `written`, whose room is used again. `db` is the selected one. Where a key may be among
// what is missing of a record that was cut (Item::partial), it cannot be told.
void find_written(const CommandName& row, const Item& item, std::span<const std::string_view> args,
                  uint64_t db, Written& written);

}  // namespace tidemark::aof
