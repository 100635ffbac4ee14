// A key that was read before, found again by the offset of its type byte.
#pragma once

#include <cstdint>
#include <string>

#include "rdb/codec/primitives.h"

namespace tidemark::rdb_check {

struct FoundKey {
    uint8_t type = 0;
    std::string name;
    uint64_t value_offset = 0;  // behind the name
};

class KeyFinder {
public:
    explicit KeyFinder(rdb::Input& input) : in_(input) {}
    Result<FoundKey> at(uint64_t type_offset);

private:
    rdb::Primitives in_;
};

}  // namespace tidemark::rdb_check
