// Where the programs are that a benchmark starts.
#pragma once

#include <string>

namespace tidemark::bench {

// <build>/bench/<this program> stands beside <build>/server/tidemark-server and
// <build>/bench/delay-fs.
std::string built_server_path();
std::string delay_fs_path();
// Empty when it is not there.
std::string find_in_path(const std::string& name);

}  // namespace tidemark::bench
