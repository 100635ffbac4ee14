// AUX fields that servers write, and ours.
#pragma once

#include <string_view>

namespace tidemark::rdb {

bool is_known_aux(std::string_view name);

}  // namespace tidemark::rdb
