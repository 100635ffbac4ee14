// What a type is called in everything that is told of keys.
#pragma once

#include <string_view>

#include "rdb/codec/types.h"

namespace tidemark::rdb_check {

// What TYPE answers, but "module" for a module's value: there it is the module's own name.
inline std::string_view type_name(const rdb::TypeRow& row) {
    return row.kind.substr(0, row.kind.find(' '));  // "module value"
}

}  // namespace tidemark::rdb_check
