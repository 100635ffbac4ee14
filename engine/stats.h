// Counters of the keyspace that INFO shows under Redis's names. Reset by CONFIG RESETSTAT.
#pragma once

#include <cstdint>

namespace tidemark::engine {

struct Stats {
    uint64_t keyspace_hits = 0;
    uint64_t keyspace_misses = 0;
    uint64_t expired_keys = 0;
    uint64_t expire_cycle_cpu_us = 0;
    uint64_t expired_time_cap_reached = 0;
    double expired_stale_perc = 0;
};

}  // namespace tidemark::engine
