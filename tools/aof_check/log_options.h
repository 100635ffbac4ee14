// The options that modes of aof-check share: what the log is, and how its commands are judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/aof_check/chain.h"
#include "tools/aof_check/judge.h"
#include "tools/common/options.h"

namespace tidemark::aof_check {

struct LogOptions {
    std::string path;
    std::string name;
    uint64_t databases = 16;
    std::vector<std::string> accepted;
    unsigned jobs = 0;

    Judge judge() const;
    Result<Chain> chain(tools::Session& session) const;
    unsigned thread_count() const;
};

void add_log_options(tools::Options& app, LogOptions& options);
// With -j as well.
void add_jobs_option(tools::Options& app, LogOptions& options);

}  // namespace tidemark::aof_check
