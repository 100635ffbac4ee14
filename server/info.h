// The text of INFO, from plain values that the server hands in: Redis's field names in Redis's
// order for what exists here, and our own fields behind them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/stats.h"
#include "server/config.h"
#include "server/stats.h"

namespace tidemark::server {

struct KeyspaceLine {
    int db;
    uint64_t keys;
    uint64_t expires;
    int64_t avg_ttl_ms;
};

struct InfoSource {
    const Config& config;
    const Stats& stats;
    const engine::Stats& keyspace_stats;

    // --- server
    std::string run_id = {};  // 40 hexadecimal digits, new at each start
    std::string executable = {};
    std::string config_file = {};
    int64_t now_us = 0;  // unix
    int64_t uptime_s = 0;
    int64_t started_unix_s = 0;
    uint32_t lru_clock = 0;

    // --- clients
    uint64_t connected_clients = 0;
    uint64_t blocked_clients = 0;
    uint64_t max_query_buffer_bytes = 0;
    uint64_t max_output_bytes = 0;
    uint64_t client_bytes = 0;  // buffers and books of all connections

    // --- memory
    uint64_t used_memory = 0;
    uint64_t used_memory_peak = 0;
    uint64_t used_memory_startup = 0;
    uint64_t keyspace_bytes = 0;
    uint64_t log_buffer_bytes = 0;

    // --- persistence
    bool loading = false;
    int64_t loading_started_s = 0;  // unix
    uint64_t loading_done_bytes = 0;
    uint64_t loading_total_bytes = 0;
    uint64_t changes = 0;  // keys changed since start
    bool log_writable = true;
    uint64_t log_current_bytes = 0;
    uint64_t log_base_bytes = 0;
    uint64_t log_durable_offset = 0;
    uint64_t log_pending_bytes = 0;
    bool log_busy = false;  // a sync or another operation of the log is in flight
    uint64_t log_groups = 0;
    uint64_t log_group_bytes = 0;  // sum over all groups
    uint64_t log_syncs = 0;
    uint64_t log_delayed_syncs = 0;
    uint64_t log_direct_writes = 0;
    int64_t log_sync_age_us = 0;
    uint64_t log_slow_inline_writes = 0;
    int64_t log_sync_us_p50 = 0;
    int64_t log_sync_us_p99 = 0;
    int64_t log_sync_us_max = 0;
    uint64_t log_held_replies = 0;

    // --- stats
    uint64_t reads = 0;  // receives and sends completed
    uint64_t writes = 0;
    uint64_t query_buffer_limit_disconnections = 0;
    uint64_t output_buffer_limit_disconnections = 0;
    int64_t loop_pause_us_max = 0;  // longest turn of the loop since CONFIG RESETSTAT

    std::vector<KeyspaceLine> keyspace = {};
};

// `sections` as given to INFO: names in any case, "default", "all", "everything"; empty: the
// default ones. Unknown names give nothing.
std::string info_text(const InfoSource& source, std::span<const std::string_view> sections);

// "1.51M": a number of bytes as INFO's *_human fields show it.
std::string human_bytes(uint64_t bytes);

}  // namespace tidemark::server
