// rdb-check as the build leaves it, for what needs a process.
#pragma once

#include <cstdlib>
#include <string>

namespace tidemark::tools {

inline std::string rdb_check_program() {
    const char* path = getenv("TIDEMARK_RDB_CHECK");
    return path != nullptr ? path : TIDEMARK_SOURCE_ROOT "/build/tools/rdb-check";
}

}  // namespace tidemark::tools
