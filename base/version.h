// What this server says it is: its own version, and the Redis whose behaviour it follows.
#pragma once

#include <string_view>

namespace tidemark {

inline constexpr std::string_view kVersion = "0.1.0";
// Reported as redis_version, because clients switch features on by it.
inline constexpr std::string_view kRedisVersion = "7.4.1";

}  // namespace tidemark
