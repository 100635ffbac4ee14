// The same work on many things by several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace tidemark::aof_check {

// Calls `work(i)` for each i below `count`, on up to `jobs` threads, the caller's among them. In
// the caller's, `between` hears how many have been done, between two; an error of either ends it
// all.
Status for_each_in_parallel(size_t count, unsigned jobs, const std::function<Status(size_t)>& work,
                            const std::function<Status(size_t)>& between);

}  // namespace tidemark::aof_check
