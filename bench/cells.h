// The points of the matrix that a run visits, and the load of each.
#pragma once

#include <vector>

#include "bench/findings.h"
#include "bench/fsync_options.h"
#include "bench/load_plan.h"

namespace tidemark::bench {

// For one policy on one disk, closed loops; the first is where the axes meet.
std::vector<Cell> plan_cells(const FsyncOptions& options, const std::string& disk,
                             Persistence policy);

// Written keys lie behind everything that is read.
inline constexpr uint64_t kWrittenFirst = 500'000'000'000;

// Which keys a cell touches: those that are read are never written.
struct CellKeys {
    KeyRange settled;
    KeyRange written;
};

std::vector<Lane> lanes_of(const Cell& cell, const CellKeys& keys);

}  // namespace tidemark::bench
