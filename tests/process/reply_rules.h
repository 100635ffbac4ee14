// How two replies to the same command are compared: most must be the same, some come in any order,
// some tell about a clock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/process/random_commands.h"
#include "tests/process/resp_client.h"

namespace tidemark::test {

// `queued` are the commands of the transaction that an EXEC answers for.
bool replies_agree(const Command& command, const std::vector<Command>& queued, const Value& redis,
                   const Value& ours);

// Points in time, unix milliseconds: those that were given as such must be the same, others, which
// were given as a distance from now, almost.
bool times_agree(int64_t redis_ms, int64_t ours_ms);

}  // namespace tidemark::test
