// What the bare disk does: one small commit after the other, without any server. No log that
// promises what it acknowledges can be faster with one client.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bench/findings.h"
#include "bench/stop_signal.h"

namespace tidemark::bench {

// Commits of kProbeBytes into a file in `folder`, for so many seconds.
//   kAppend     the file grows with every commit
//   kOverwrite  into blocks that were written and synced before
//   kDirect     the same past the page cache, a page at a time
//   kFlush      nothing to write: what a flush of the device takes
inline constexpr size_t kProbeBytes = 256;
DiskFigure probe_disk(const std::string& folder, const std::string& disk, DiskUse use,
                      double seconds, StopSignal& stop);

// All four.
std::vector<DiskFigure> probe_disk(const std::string& folder, const std::string& disk,
                                   double seconds, StopSignal& stop);

}  // namespace tidemark::bench
