// The modes of aof-check: one row in modes.cc and one file each.
#pragma once

#include "tools/common/tool.h"

namespace tidemark::aof_check {

const tools::Tool& tool();

tools::Run declare_check(CLI::App& app);
tools::Run declare_fix(CLI::App& app);
tools::Run declare_salvage(CLI::App& app);
tools::Run declare_until(CLI::App& app);
tools::Run declare_stats(CLI::App& app);
tools::Run declare_rebuild_manifest(CLI::App& app);
tools::Run declare_tail(CLI::App& app);

}  // namespace tidemark::aof_check
