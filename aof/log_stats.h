// What the log counts.
#pragma once

#include <cstdint>

namespace tidemark::aof {

// Shown by INFO persistence.
struct LogStats {
    uint64_t groups = 0;
    uint64_t group_bytes = 0;         // sum, for the average
    uint64_t syncs = 0;               // that were waited for, direct writes included
    uint64_t direct_writes = 0;       // durable by being written
    uint64_t slow_inline_writes = 0;  // over 10 ms
    uint64_t delayed_syncs = 0;       // everysec: a second passed while a sync was still running
    uint64_t file_bytes = 0;          // current size of the log, base and increments
    uint64_t base_bytes = 0;
    uint64_t increments_opened = 0;
    uint64_t failed_files = 0;  // increments given up after an I/O error
    // When the newest sync that has succeeded began (monotonic): what was acknowledged before that
    // is durable under every policy.
    int64_t synced_at_us = 0;
    int64_t sync_us_p50 = 0;
    int64_t sync_us_p99 = 0;
    int64_t sync_us_max = 0;
};

}  // namespace tidemark::aof
