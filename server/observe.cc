// INFO: the values, gathered from every part. The text is made in info.cc.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "engine/database.h"
#include "server/server.h"

namespace tidemark::server {

namespace {

// lru_clock as Redis shows it: seconds, 24 bits.
constexpr int64_t kLruClockMask = (1 << 24) - 1;

std::string own_executable() {
    std::array<char, 4096> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    return length > 0 ? std::string(path.data(), static_cast<size_t>(length)) : std::string();
}

}  // namespace

void Server::describe_clients(InfoSource& source) {
    source.connected_clients = clients_.size();
    source.blocked_clients = waiters_.size();
    clients_.for_each([&](Client& client) {
        const cmd::ClientView one = view(client);
        source.max_query_buffer_bytes =
            std::max<uint64_t>(source.max_query_buffer_bytes, one.query_buffer_bytes);
        source.max_output_bytes = std::max<uint64_t>(source.max_output_bytes, one.output_bytes);
        source.client_bytes += one.total_bytes;
    });
}

void Server::describe_log(InfoSource& source) {
    if (log_ == nullptr) return;
    const aof::LogStats& log = log_->stats();
    source.log_writable = log_->writable();
    source.log_current_bytes = log.file_bytes;
    source.log_base_bytes = log.base_bytes;
    source.log_durable_offset = log_->durable_offset();
    source.log_pending_bytes = log_->pending_bytes();
    source.log_busy = log_->busy();
    source.log_buffer_bytes = log_->unwritten_bytes();
    source.log_groups = log.groups;
    source.log_group_bytes = log.group_bytes;
    source.log_syncs = log.syncs;
    source.log_sync_age_us = clock_.monotonic_us() - log.synced_at_us;
    source.log_direct_writes = log.direct_writes;
    source.log_delayed_syncs = log.delayed_syncs;
    source.log_slow_inline_writes = log.slow_inline_writes;
    source.log_sync_us_p50 = log.sync_us_p50;
    source.log_sync_us_p99 = log.sync_us_p99;
    source.log_sync_us_max = log.sync_us_max;
    source.log_held_replies = clients_.held_count();
}

void Server::describe_keyspace(InfoSource& source) {
    source.changes = keyspace_.dirty();
    source.keyspace_bytes = keyspace_.used_bytes();
    for (int db = 0; db < keyspace_.databases(); ++db) {
        const engine::Database& database = keyspace_.db(db);
        if (database.size() == 0) continue;
        source.keyspace.push_back({db, database.size(), database.expires(), database.avg_ttl_ms()});
    }
}

std::string Server::info(std::span<const std::string_view> sections) {
    InfoSource source{config_, stats_, keyspace_.stats()};
    source.run_id = run_id_;
    source.executable = own_executable();
    source.config_file = store_.file();
    source.now_us = now_us_;
    source.uptime_s = (monotonic_us_ - started_us_) / kMicrosPerSecond;
    source.started_unix_s = started_unix_s_;
    source.lru_clock = static_cast<uint32_t>(now_us_ / kMicrosPerSecond & kLruClockMask);
    describe_clients(source);
    describe_log(source);
    describe_keyspace(source);
    source.used_memory = source.keyspace_bytes + source.client_bytes + source.log_buffer_bytes;
    source.used_memory_peak = std::max(used_peak_, source.used_memory);
    source.used_memory_startup = used_at_start_;
    source.loading = loading_;
    source.loading_started_s = started_unix_s_;
    source.loading_done_bytes = loading_done_bytes_;
    source.loading_total_bytes = loading_total_bytes_;
    source.reads = connections_->reads;
    source.writes = connections_->writes;
    source.query_buffer_limit_disconnections = query_buffer_limit_disconnections_;
    source.output_buffer_limit_disconnections = output_buffer_limit_disconnections_;
    source.loop_pause_us_max = loop_pause_us_max_;
    stats_.set_net_bytes(connections_->input_bytes, connections_->output_bytes);
    return info_text(source, sections);
}

}  // namespace tidemark::server
