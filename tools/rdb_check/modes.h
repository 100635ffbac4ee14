// The table of rdb-check's modes.
#pragma once

#include "tools/common/tool.h"

namespace tidemark::rdb_check {

// rdb-check itself: name, modes, the default one.
const tools::Tool& tool();

// A mode's file defines its function; the row in modes.cc has the rest.
tools::Run declare_check(tools::Options& app);
tools::Run declare_fix(tools::Options& app);
tools::Run declare_info(tools::Options& app);
tools::Run declare_salvage(tools::Options& app);
tools::Run declare_report(tools::Options& app);
tools::Run declare_export(tools::Options& app);
tools::Run declare_convert(tools::Options& app);
tools::Run declare_diff(tools::Options& app);
tools::Run declare_split(tools::Options& app);
tools::Run declare_merge(tools::Options& app);
tools::Run declare_cat_key(tools::Options& app);

}  // namespace tidemark::rdb_check
