// Where this server answers differently from redis-server 7.0.15 and means to. The differential
// test lets a difference pass only when one of these rows knows it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/process/resp_client.h"

namespace tidemark::test {

struct Difference {
    std::string_view command;  // upper case: the words that the command begins with
    std::string_view reason;
    // Whether the two replies differ in the way that is meant; `redis` is the oracle's.
    bool (*is_meant)(const Value& redis, const Value& ours);
};

std::span<const Difference> argued_differences();

// The row that allows it, or nullptr.
const Difference* find_difference(const std::vector<std::string>& command, const Value& redis,
                                  const Value& ours);

}  // namespace tidemark::test
