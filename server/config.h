// Every setting, as plain data with its default. How a setting is spelled, checked and shown is in
// directive.cc; where it comes from in config_file.cc; CONFIG GET, SET and REWRITE in
// config_store.cc.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"

namespace tidemark::server {

enum class AppendFsync : uint8_t { kAlways, kEverySecond, kNo };
enum class DebugCommand : uint8_t { kNo, kYes, kLocal };
enum class Supervised : uint8_t { kNo, kSystemd, kAuto };
enum class MaxmemoryPolicy : uint8_t { kNoEviction };

// Past `hard_bytes` of unsent replies a client is dropped; past `soft_bytes` when that lasts for
// `soft_seconds`. 0: no limit.
struct OutputLimit {
    int64_t hard_bytes = 0;
    int64_t soft_bytes = 0;
    int64_t soft_seconds = 0;

    friend bool operator==(const OutputLimit&, const OutputLimit&) = default;
};
enum class ClientClass : uint8_t { kNormal, kReplica, kPubsub };
inline constexpr size_t kClientClasses = 3;

struct Config {
    // --- network
    // A leading minus: fine when this machine does not have that address.
    std::vector<std::string> bind = {"127.0.0.1", "-::1"};
    int64_t port = 6379;  // 0: no TCP
    int64_t tcp_backlog = 511;
    int64_t tcp_keepalive_s = 300;
    std::string unixsocket;
    int64_t unixsocketperm = 0;  // 0: as the umask says
    bool protected_mode = true;
    int64_t timeout_s = 0;
    int64_t maxclients = 10'000;
    std::string requirepass;
    int64_t client_query_buffer_limit = 1LL << 30;
    int64_t proto_max_bulk_len = 512LL << 20;
    std::array<OutputLimit, kClientClasses> client_output_buffer_limit = {
        OutputLimit{0, 0, 0}, OutputLimit{256LL << 20, 64LL << 20, 60},
        OutputLimit{32LL << 20, 8LL << 20, 60}};

    // --- keyspace
    int64_t databases = 16;
    int64_t maxmemory = 0;
    MaxmemoryPolicy maxmemory_policy = MaxmemoryPolicy::kNoEviction;
    int64_t hz = 10;

    // --- the log
    std::string dir = ".";
    bool appendonly = true;
    AppendFsync appendfsync = AppendFsync::kAlways;
    std::string appendfilename = "appendonly.aof";
    std::string appenddirname = "appendonlydir";
    bool aof_timestamp_enabled = false;
    bool aof_load_truncated = true;
    bool aof_direct_writes = true;                 // under always, into the window; see aof/log.h
    bool aof_inline_writes = true;                 // no: the write goes through the ring as well
    int64_t aof_prefill_bytes = 2LL << 20;         // written ahead under always; 0: no fill
    int64_t aof_busy_poll_us = 100;                // under always, before the loop sleeps; 0: not
    int64_t aof_max_unwritten_bytes = 64LL << 20;  // past it, writers are not read from
    std::string save;                              // snapshot points; only "" until snapshots exist

    // --- process
    bool daemonize = false;
    Supervised supervised = Supervised::kNo;
    std::string pidfile;
    LogLevel loglevel = LogLevel::kNotice;
    std::string logfile;
    DebugCommand enable_debug_command = DebugCommand::kNo;

    // --- looking inside
    bool latency_tracking = true;
    std::vector<double> latency_percentiles = {50, 99, 99.9};
};

}  // namespace tidemark::server
