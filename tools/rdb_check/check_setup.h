// What the modes that check a dump have in common: how a check is set up for this run.
#pragma once

#include "tools/common/options.h"
#include "tools/common/session.h"
#include "tools/rdb_check/check_run.h"

namespace tidemark::rdb_check {

inline constexpr uint64_t kKeyMemoryMiB = 16;

// All cores, the clock's time, the session's temporary folder.
CheckSettings make_settings(const tools::Session& session);

// --databases
void add_databases_option(tools::Options& app, uint64_t& databases);

}  // namespace tidemark::rdb_check
