// What the log's seals cost: bytes by counting, CPU by writing as many of them.
#pragma once

#include "bench/report.h"

namespace tidemark::bench {

// Adds a note about our busiest cell under `always` of each pipeline; nothing when the server did
// not tell its groups.
void note_seal_cost(Report& report);

}  // namespace tidemark::bench
