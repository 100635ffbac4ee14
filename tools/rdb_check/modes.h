// The table of rdb-check's modes.
#pragma once

#include "tools/common/tool.h"

namespace tidemark::rdb_check {

// rdb-check itself: name, modes, the default one.
const tools::Tool& tool();

// A mode's file defines its function; the row in modes.cc has the rest.
tools::Run declare_check(CLI::App& app);
tools::Run declare_fix(CLI::App& app);
tools::Run declare_info(CLI::App& app);
tools::Run declare_salvage(CLI::App& app);
tools::Run declare_report(CLI::App& app);
tools::Run declare_export(CLI::App& app);
tools::Run declare_convert(CLI::App& app);
tools::Run declare_diff(CLI::App& app);
tools::Run declare_split(CLI::App& app);
tools::Run declare_merge(CLI::App& app);
tools::Run declare_cat_key(CLI::App& app);

}  // namespace tidemark::rdb_check
