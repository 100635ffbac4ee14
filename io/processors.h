// How much of the machine's processors this process may use.
#pragma once

#include <cstdint>
#include <string>

namespace tidemark::io {

// Thousandths of a processor: those that are online, or less where a control group (version 2) sets
// a quota, as containers and systemd's CPUQuota do: the least of the process's group and those
// above it. What cannot be read sets none. `groups`: where control groups are mounted; `own`: the
// file that names the process's.
uint64_t processor_permille(const std::string& groups = "/sys/fs/cgroup",
                            const std::string& own = "/proc/self/cgroup");

}  // namespace tidemark::io
