// A library of functions by its name.
#pragma once

#include <string_view>

namespace tidemark::rdb_check {

// What the source's first line says: "#!lua name=mylib". Without one, the whole first line.
std::string_view library_name(std::string_view source);

}  // namespace tidemark::rdb_check
