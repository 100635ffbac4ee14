#include "server/info.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <fstream>

#include "base/ascii.h"
#include "base/number.h"
#include "base/quoted_words.h"
#include "base/version.h"
#include "server/directive.h"

namespace tidemark::server {

namespace {

// Text of one section: lines of name and value.
class Lines {
public:
    explicit Lines(std::string& out) : out_(out) {}

    template <class Value>
    Lines& add(std::string_view name, const Value& value) {
        fmt::format_to(std::back_inserter(out_), "{}:{}\r\n", name, value);
        return *this;
    }
    Lines& flag(std::string_view name, bool on) { return add(name, on ? 1 : 0); }
    Lines& bytes(std::string_view name, uint64_t value) {
        add(name, value);
        return add(fmt::format("{}_human", name), human_bytes(value));
    }
    Lines& fixed(std::string_view name, double value) {
        return add(name, fmt::format("{:.2f}", value));
    }

private:
    std::string& out_;
};

double ratio(uint64_t a, uint64_t b) {
    return b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b);
}

uint64_t page_bytes() {
    return static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t resident_bytes() {
    uint64_t total = 0;
    uint64_t resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * page_bytes();
}

uint64_t system_bytes() {
    return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * page_bytes();
}

std::string operating_system() {
    utsname names{};
    if (uname(&names) != 0) return "unknown";
    return fmt::format("{} {} {}", names.sysname, names.release, names.machine);
}

void server_section(const InfoSource& source, Lines lines) {
    constexpr int64_t kSecondsPerDay = 86'400;
    lines.add("redis_version", kRedisVersion)
        .add("tidemark_version", kVersion)
        .add("redis_git_sha1", "00000000")
        .add("redis_git_dirty", 0)
        .add("redis_build_id", "0")
        .add("redis_mode", "standalone")
        .add("os", operating_system())
        .add("arch_bits", 64)
        .add("monotonic_clock", "POSIX clock_gettime")
        .add("multiplexing_api", "io_uring")
        .add("gcc_version", fmt::format("{}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__))
        .add("process_id", getpid())
        .add("process_supervised", source.config.supervised == Supervised::kNo ? "no" : "systemd")
        .add("run_id", source.run_id)
        .add("tcp_port", source.config.port)
        .add("server_time_usec", source.now_us)
        .add("uptime_in_seconds", source.uptime_s)
        .add("uptime_in_days", source.uptime_s / kSecondsPerDay)
        .add("hz", source.config.hz)
        .add("configured_hz", source.config.hz)
        .add("lru_clock", source.lru_clock)
        .add("executable", source.executable)
        .add("config_file", source.config_file)
        .flag("io_threads_active", false);
}

void clients_section(const InfoSource& source, Lines lines) {
    lines.add("connected_clients", source.connected_clients)
        .add("cluster_connections", 0)
        .add("maxclients", source.config.maxclients)
        .add("client_recent_max_input_buffer", source.max_query_buffer_bytes)
        .add("client_recent_max_output_buffer", source.max_output_bytes)
        .add("blocked_clients", source.blocked_clients)
        .add("tracking_clients", 0)
        .add("clients_in_timeout_table", 0);
}

void memory_section(const InfoSource& source, Lines lines) {
    uint64_t resident = resident_bytes();
    uint64_t peak = std::max(source.used_memory_peak, source.used_memory);
    uint64_t dataset = std::min(source.keyspace_bytes, source.used_memory);
    uint64_t beyond_start =
        source.used_memory - std::min(source.used_memory_startup, source.used_memory);
    const Directive* policy = find_directive("maxmemory-policy");
    lines.bytes("used_memory", source.used_memory)
        .bytes("used_memory_rss", resident)
        .bytes("used_memory_peak", peak)
        .add("used_memory_peak_perc", fmt::format("{:.2f}%", 100 * ratio(source.used_memory, peak)))
        .add("used_memory_overhead", source.used_memory - dataset)
        .add("used_memory_startup", source.used_memory_startup)
        .add("used_memory_dataset", dataset)
        .add("used_memory_dataset_perc",
             fmt::format("{:.2f}%", std::min(100.0, 100 * ratio(dataset, beyond_start))))
        .bytes("total_system_memory", system_bytes())
        .bytes("maxmemory", static_cast<uint64_t>(source.config.maxmemory))
        .add("maxmemory_policy", show_directive(*policy, source.config))
        .fixed("mem_fragmentation_ratio", ratio(resident, source.used_memory))
        .add("mem_fragmentation_bytes",
             static_cast<int64_t>(resident) - static_cast<int64_t>(source.used_memory))
        .add("mem_clients_normal", source.client_bytes)
        .add("mem_aof_buffer", source.log_buffer_bytes)
        .add("mem_allocator", "mimalloc");
}

void persistence_section(const InfoSource& source, Lines lines) {
    lines.flag("loading", source.loading)
        .add("async_loading", 0)
        .add("rdb_changes_since_last_save", source.changes)
        .add("rdb_bgsave_in_progress", 0)
        .add("rdb_last_save_time", source.started_unix_s)
        .add("rdb_last_bgsave_status", "ok")
        .add("rdb_last_bgsave_time_sec", -1)
        .add("rdb_current_bgsave_time_sec", -1)
        .flag("aof_enabled", source.config.appendonly)
        .add("aof_rewrite_in_progress", 0)
        .add("aof_rewrite_scheduled", 0)
        .add("aof_last_rewrite_time_sec", -1)
        .add("aof_current_rewrite_time_sec", -1)
        .add("aof_last_bgrewrite_status", "ok")
        .add("aof_last_write_status", source.log_writable ? "ok" : "err");
    if (source.loading) {
        lines.add("loading_start_time", source.loading_started_s)
            .add("loading_total_bytes", source.loading_total_bytes)
            .add("loading_loaded_bytes", source.loading_done_bytes)
            .fixed("loading_loaded_perc",
                   100 * ratio(source.loading_done_bytes, source.loading_total_bytes));
    }
    if (!source.config.appendonly) return;
    lines.add("aof_current_size", source.log_current_bytes)
        .add("aof_base_size", source.log_base_bytes)
        .add("aof_pending_rewrite", 0)
        .add("aof_buffer_length", source.log_buffer_bytes)
        .add("aof_pending_bio_fsync", source.log_busy ? 1 : 0)
        .add("aof_delayed_fsync", source.log_delayed_syncs)
        .add("aof_durable_offset", source.log_durable_offset)
        .add("aof_pending_bytes", source.log_pending_bytes)
        .add("aof_groups", source.log_groups)
        .add("aof_group_bytes_avg",
             source.log_groups == 0 ? 0 : source.log_group_bytes / source.log_groups)
        .add("aof_group_bytes", source.log_group_bytes)
        .add("aof_syncs", source.log_syncs)
        .add("aof_direct_writes", source.log_direct_writes)
        .add("aof_sync_age_usec", source.log_sync_age_us)
        .add("aof_sync_usec_p50", source.log_sync_us_p50)
        .add("aof_sync_usec_p99", source.log_sync_us_p99)
        .add("aof_sync_usec_max", source.log_sync_us_max)
        .add("aof_slow_inline_writes", source.log_slow_inline_writes)
        .add("aof_held_replies", source.log_held_replies);
}

void stats_section(const InfoSource& source, Lines lines) {
    const Stats& stats = source.stats;
    const engine::Stats& keys = source.keyspace_stats;
    lines.add("total_connections_received", stats.connections_received())
        .add("total_commands_processed", stats.total_calls())
        .add("instantaneous_ops_per_sec", static_cast<int64_t>(stats.ops_per_second()))
        .add("total_net_input_bytes", stats.net_input_bytes())
        .add("total_net_output_bytes", stats.net_output_bytes())
        .fixed("instantaneous_input_kbps", stats.input_kbps())
        .fixed("instantaneous_output_kbps", stats.output_kbps())
        .add("rejected_connections", stats.rejected_connections())
        .add("sync_full", 0)
        .add("sync_partial_ok", 0)
        .add("sync_partial_err", 0)
        .add("expired_keys", keys.expired_keys)
        .fixed("expired_stale_perc", keys.expired_stale_perc)
        .add("expired_time_cap_reached_count", keys.expired_time_cap_reached)
        .add("expire_cycle_cpu_milliseconds", keys.expire_cycle_cpu_us / 1000)
        .add("evicted_keys", 0)
        .add("evicted_clients", 0)
        .add("keyspace_hits", keys.keyspace_hits)
        .add("keyspace_misses", keys.keyspace_misses)
        .add("pubsub_channels", 0)
        .add("pubsub_patterns", 0)
        .add("latest_fork_usec", 0)
        .add("total_forks", 0)
        .add("unexpected_error_replies", 0)
        .add("total_error_replies", stats.total_errors())
        .add("client_query_buffer_limit_disconnections", source.query_buffer_limit_disconnections)
        .add("client_output_buffer_limit_disconnections", source.output_buffer_limit_disconnections)
        .add("total_reads_processed", source.reads)
        .add("total_writes_processed", source.writes)
        .add("loop_pause_usec_max", source.loop_pause_us_max);
}

void replication_section(const InfoSource&, Lines lines) {
    lines.add("role", "master").add("connected_slaves", 0).add("master_repl_offset", 0);
}

void cpu_section(const InfoSource&, Lines lines) {
    auto seconds = [](const timeval& time) {
        return fmt::format("{}.{:06}", time.tv_sec, time.tv_usec);
    };
    rusage self{};
    rusage children{};
    rusage thread{};
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    getrusage(RUSAGE_THREAD, &thread);
    lines.add("used_cpu_sys", seconds(self.ru_stime))
        .add("used_cpu_user", seconds(self.ru_utime))
        .add("used_cpu_sys_children", seconds(children.ru_stime))
        .add("used_cpu_user_children", seconds(children.ru_utime))
        .add("used_cpu_sys_main_thread", seconds(thread.ru_stime))
        .add("used_cpu_user_main_thread", seconds(thread.ru_utime));
}

void modules_section(const InfoSource&, Lines) {}

void commandstats_section(const InfoSource& source, Lines lines) {
    for (const cmd::CommandSpec& spec : source.stats.table().specs()) {
        const CommandStats& stats = source.stats.command(spec);
        if (stats.calls == 0 && stats.rejected == 0 && stats.failed == 0) continue;
        uint64_t us = source.stats.command_us(spec);
        lines.add(
            fmt::format("cmdstat_{}", source.stats.table().lower_name(spec)),
            fmt::format("calls={},usec={},usec_per_call={:.2f},rejected_calls={},"
                        "failed_calls={}",
                        stats.calls, us, ratio(us, stats.calls), stats.rejected, stats.failed));
    }
}

void errorstats_section(const InfoSource& source, Lines lines) {
    for (const auto& [code, count] : source.stats.errors()) {
        lines.add(fmt::format("errorstat_{}", code), fmt::format("count={}", count));
    }
}

void latencystats_section(const InfoSource& source, Lines lines) {
    for (const cmd::CommandSpec& spec : source.stats.table().specs()) {
        const Histogram* latency = source.stats.command(spec).latency_ns.get();
        if (latency == nullptr || latency->total() == 0) continue;
        std::string values;
        for (double percent : source.config.latency_percentiles) {
            if (!values.empty()) values += ',';
            values += fmt::format("p{}={:.3f}", format_double(percent),
                                  static_cast<double>(latency->percentile(percent)) / 1000);
        }
        std::string_view name = source.stats.table().lower_name(spec);
        lines.add(fmt::format("latency_percentiles_usec_{}", name), values);
    }
}

void cluster_section(const InfoSource&, Lines lines) {
    lines.add("cluster_enabled", 0);
}

void keyspace_section(const InfoSource& source, Lines lines) {
    for (const KeyspaceLine& line : source.keyspace) {
        if (line.keys == 0) continue;
        lines.add(
            fmt::format("db{}", line.db),
            fmt::format("keys={},expires={},avg_ttl={}", line.keys, line.expires, line.avg_ttl_ms));
    }
}

enum class Shown : uint8_t { kByDefault, kOnRequest };

struct Section {
    std::string_view title;
    void (*write)(const InfoSource&, Lines);
    Shown shown;
};

// In Redis's order.
constexpr Section kSections[] = {
    {"Server", server_section, Shown::kByDefault},
    {"Clients", clients_section, Shown::kByDefault},
    {"Memory", memory_section, Shown::kByDefault},
    {"Persistence", persistence_section, Shown::kByDefault},
    {"Stats", stats_section, Shown::kByDefault},
    {"Replication", replication_section, Shown::kByDefault},
    {"CPU", cpu_section, Shown::kByDefault},
    {"Modules", modules_section, Shown::kByDefault},
    {"Commandstats", commandstats_section, Shown::kOnRequest},
    {"Errorstats", errorstats_section, Shown::kByDefault},
    {"Latencystats", latencystats_section, Shown::kOnRequest},
    {"Cluster", cluster_section, Shown::kByDefault},
    {"Keyspace", keyspace_section, Shown::kByDefault},
};
constexpr size_t kSectionCount = std::size(kSections);

std::bitset<kSectionCount> wanted_sections(std::span<const std::string_view> names) {
    constexpr std::string_view kDefault[] = {"default"};
    std::bitset<kSectionCount> wanted;
    for (std::string_view name :
         names.empty() ? std::span<const std::string_view>(kDefault) : names) {
        bool all = same_word(name, "all") || same_word(name, "everything");
        for (size_t i = 0; i < kSectionCount; ++i) {
            const Section& section = kSections[i];
            bool by_default = same_word(name, "default") && section.shown == Shown::kByDefault;
            if (by_default || all || same_word(name, section.title)) wanted.set(i);
        }
    }
    return wanted;
}

}  // namespace

std::string human_bytes(uint64_t bytes) {
    constexpr std::string_view kUnits = "KMGTPE";
    if (bytes < 1024) return fmt::format("{}B", bytes);
    double value = static_cast<double>(bytes) / 1024;
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
    return fmt::format("{:.2f}{}", value, kUnits[unit]);
}

std::string info_text(const InfoSource& source, std::span<const std::string_view> sections) {
    std::bitset<kSectionCount> wanted = wanted_sections(sections);
    std::string text;
    for (size_t i = 0; i < kSectionCount; ++i) {
        if (!wanted[i]) continue;
        if (!text.empty()) text += "\r\n";
        text += fmt::format("# {}\r\n", kSections[i].title);
        kSections[i].write(source, Lines(text));
    }
    return text;
}

}  // namespace tidemark::server
