// What the program does when it is called redis-check-aof: the arguments, prompts and phrases that
// scripts know, with the verdicts of this tool.
//
// Where it differs from redis-check-aof 7.0.15: unknown commands, wrong arity and SELECT out of
// range are found; a cut never falls inside a transaction; what is cut keeps its old state as .bak.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "tools/common/session.h"

namespace tidemark::aof_check {

// `answers`: where y or n comes from. Exit status 0 or 1, as there.
int run_redis_check_aof(const std::vector<std::string>& args, FILE* answers,
                        const tools::Console& console);

}  // namespace tidemark::aof_check
