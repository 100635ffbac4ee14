// A library of functions, by its source's first line: "#!lua name=mylib". Lua is not run here.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::rdb_check {

struct LibraryHead {
    std::string engine;
    std::string name;
};

// An error says why no server takes it: "has no name".
Result<LibraryHead> parse_library_head(std::string_view source);

// Where there is none, the whole first line.
std::string library_name(std::string_view source);

}  // namespace tidemark::rdb_check
