// A key's name with its hash, computed once a command and carried along.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::engine {

struct Key {
    std::string_view name;
    uint64_t hash;
};

}  // namespace tidemark::engine
