#include "tools/dump_diff/function_library.h"

#include <algorithm>

namespace tidemark::rdb_check {

std::string_view library_name(std::string_view source) {
    constexpr std::string_view kName = " name=";
    const std::string_view line = source.substr(0, source.find('\n'));
    const size_t name = line.find(kName);
    if (name == std::string_view::npos) return line;
    const std::string_view rest = line.substr(name + kName.size());
    return rest.substr(0, std::min(rest.find(' '), rest.find('\r')));
}

}  // namespace tidemark::rdb_check
