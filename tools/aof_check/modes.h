// The modes of aof-check: one row in modes.cc and one file each.
#pragma once

#include "tools/common/tool.h"

namespace tidemark::aof_check {

const tools::Tool& tool();

tools::Run declare_check(tools::Options& app);
tools::Run declare_fix(tools::Options& app);
tools::Run declare_salvage(tools::Options& app);
tools::Run declare_until(tools::Options& app);
tools::Run declare_stats(tools::Options& app);
tools::Run declare_rebuild_manifest(tools::Options& app);
tools::Run declare_tail(tools::Options& app);
tools::Run declare_verify(tools::Options& app);

}  // namespace tidemark::aof_check
