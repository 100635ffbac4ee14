// What rdb-check is when it is called as redis-check-rdb: that program's arguments, lines and exit
// codes (0 and 1), with this one's judgement.
#pragma once

#include <string>
#include <vector>

#include "tools/common/session.h"

namespace tidemark::rdb_check {

inline constexpr std::string_view kCompatName = "redis-check-rdb";

int run_as_redis_check_rdb(const std::vector<std::string>& args, const tools::Console& console);

}  // namespace tidemark::rdb_check
