// What both programs' command lines say in the same way: how servers are run and loaded.
#pragma once

#include <CLI/CLI.hpp>

#include "bench/stage.h"

namespace tidemark::bench {

// --rounds, --seconds, --transport, --congestion.
void add_run_options(CLI::App& app, StageOptions& options);

}  // namespace tidemark::bench
