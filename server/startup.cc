// From nothing to a server that answers: descriptors, ring, ports, the folder and its lock, the
// log.
//
// The order is chosen so that a server that cannot run has changed nothing: everything that can be
// refused is tried before the log is touched. Clients may connect while the log loads; until it is
// loaded they are answered -LOADING, as Redis does.
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>
#include <csignal>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "aof/recovery.h"
#include "base/version.h"
#include "server/replay.h"
#include "server/server.h"

namespace tidemark::server {

namespace {

// Descriptors beside the clients': log files, listeners, the ring, the logger.
constexpr rlim_t kReservedDescriptors = 64;

// Where the kernel's worker that syncs the log runs, for a process that is pinned to one processor.
// Under `always` the loop mostly waits for that sync, and a worker beside it starts and ends
// without waking another processor: a tenth more commits a second. Otherwise it would take its time
// from the commands.
void place_workers(io::Ring& ring, AppendFsync policy, Logger& logger) {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) != 1) return;
    int cpu = 0;
    while (!CPU_ISSET(static_cast<size_t>(cpu), &allowed)) ++cpu;
    const bool beside = policy == AppendFsync::kAlways;
    const Status placed =
        ring.place_workers(beside ? io::Ring::Workers::kOnCpu : io::Ring::Workers::kOffCpu, cpu);
    if (!placed) logger.notice("{}", placed.error().what);
}

aof::FsyncPolicy policy_of(AppendFsync setting) {
    switch (setting) {
        case AppendFsync::kAlways:
            return aof::FsyncPolicy::kAlways;
        case AppendFsync::kEverySecond:
            return aof::FsyncPolicy::kEverySecond;
        case AppendFsync::kNo:
            return aof::FsyncPolicy::kNo;
    }
    return aof::FsyncPolicy::kAlways;
}

aof::Log::Options log_options(const Config& config) {
    aof::Log::Options options;
    options.policy = policy_of(config.appendfsync);
    options.timestamps = config.aof_timestamp_enabled;
    options.prefill = config.aof_prefill_bytes != 0;
    if (options.prefill) options.window_bytes = static_cast<uint64_t>(config.aof_prefill_bytes);
    options.write_through_ring = !config.aof_inline_writes;
    options.direct_writes = config.aof_direct_writes;
    options.max_unwritten_bytes = static_cast<uint64_t>(config.aof_max_unwritten_bytes);
    return options;
}

// The current folder is the data folder (see main.cc). Spelled out, because messages name it.
std::string data_folder() {
    std::error_code error;
    const auto path = std::filesystem::current_path(error);
    return error ? "." : path.string();
}

aof::RecoveryOptions recovery_options(const Config& config) {
    aof::RecoveryOptions options;
    options.names.dir = data_folder();
    options.names.appenddirname = config.appenddirname;
    options.names.appendfilename = config.appendfilename;
    options.load_truncated = config.aof_load_truncated;
    return options;
}

}  // namespace

// Raises the limit to what maxclients needs; lowers maxclients when that is refused.
void Server::fit_file_limit(Config& config, Logger& logger) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t wanted = static_cast<rlim_t>(config.maxclients) + kReservedDescriptors;
    if (limit.rlim_cur >= wanted) return;
    rlimit raised{wanted, std::max(wanted, limit.rlim_max)};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
    raised = {limit.rlim_max, limit.rlim_max};
    const rlim_t have = ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? limit.rlim_max : limit.rlim_cur;
    if (have >= wanted) return;
    config.maxclients = static_cast<int64_t>(
        have > kReservedDescriptors * 2 ? have - kReservedDescriptors : kReservedDescriptors);
    logger.warning("maxclients is {} now, because only {} files may be open; raise 'ulimit -n'",
                   config.maxclients, have);
}

Status Server::start() {
    ring_ = TM_TRY(io::Ring::create({}));
    place_workers(*ring_, config_.appendfsync, logger_);
    disk_ = std::make_unique<io::RealDisk>(ring_.get());
    connections_ = std::make_unique<net::ConnectionContext>(*ring_);
    apply_limits();
    TM_CHECK(open_listeners());
    folder_lock_.emplace(TM_TRY(io::FolderLock::take(data_folder())));
    signals_ = TM_TRY(io::Signals::create(*ring_, *this));
    dispatcher_.gate().password_required = !config_.requirepass.empty();
    store_.on_change([this](std::string_view name) { return apply_config(name); });
    stats_.set_latency_tracking(config_.latency_tracking);
    for (auto& listener : listeners_) listener->start();
    if (config_.appendonly) TM_CHECK(load_log());
    cron_ = std::make_unique<io::Timer>(*ring_, clock_, cron_tick_);
    cron_->start(1'000'000 / config_.hz);
    return {};
}

Status Server::open_listeners() {
    const auto backlog = static_cast<int>(config_.tcp_backlog);
    const auto add = [this](net::Socket socket) {
        listeners_.push_back(std::make_unique<net::Listener>(*ring_, std::move(socket), *this));
    };
    if (config_.port != 0) {
        for (const std::string& address : config_.bind) {
            auto socket = net::listen_tcp(address, static_cast<int>(config_.port), backlog);
            if (socket) {
                add(std::move(*socket));
                continue;
            }
            // "-address": may be missing here, typically IPv6 on a machine without it.
            const int error = socket.error().sys_errno;
            const bool missing = error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
            if (!address.starts_with('-') || !missing) return fail(std::move(socket).error());
        }
    }
    if (!config_.unixsocket.empty()) {
        add(TM_TRY(net::listen_unix(config_.unixsocket,
                                    static_cast<unsigned>(config_.unixsocketperm), backlog)));
    }
    if (listeners_.empty()) {
        return fail(ErrorCode::kInvalid,
                    "Nothing to listen on: 'port' is 0 or no 'bind' address exists here, and "
                    "'unixsocket' is not set");
    }
    return {};
}

Status Server::load_log() {
    const int64_t began_us = clock_.monotonic_us();
    loading_ = true;
    dispatcher_.gate().loading = true;
    keyspace_.set_replaying(true);
    Replay replay(dispatcher_, keyspace_,
                  [this](uint64_t done, uint64_t total) { return on_load_progress(done, total); });
    aof::RecoveryReport report;
    aof::Folder folder =
        TM_TRY(aof::recover(*disk_, logger_, recovery_options(config_), replay, report));
    keyspace_.set_replaying(false);
    dispatcher_.gate().loading = false;
    loading_ = false;
    log_ = std::make_unique<aof::Log>(*disk_, clock_, logger_, std::move(folder),
                                      log_options(config_), *this);
    keyspace_.set_sink(*log_);
    if (report.commands > 0 || replay.rdb_keys() > 0) {
        logger_.notice("Log loaded: {} keys in RDB form, {} commands, {} bytes in {:.3f} seconds",
                       replay.rdb_keys(), report.commands, report.bytes,
                       static_cast<double>(clock_.monotonic_us() - began_us) / 1'000'000);
    }
    return {};
}

Status Server::on_load_progress(uint64_t done, uint64_t total) {
    loading_done_bytes_ = done;
    loading_total_bytes_ = total;
    // Not from inside a command (DEBUG LOADAOF): a turn would run other clients' requests in the
    // middle of its batch.
    if (running_ == nullptr) turn(io::Ring::Wait::kNo);
    if (stopping_) {
        return fail(ErrorCode::kInvalid, "Stopped while loading the log; nothing was changed");
    }
    return {};
}

std::optional<std::string> Server::reload_log() {
    if (log_ == nullptr) return "ERR Append only file is not enabled";
    if (auto closed = log_->close(); !closed) return "ERR " + closed.error().what;
    clients_.release(log_->appended_offset());
    {
        engine::WriteTxn txn(keyspace_, 0);
        for (int db = 0; db < keyspace_.databases(); ++db) {
            txn.flush_database(db, engine::WriteTxn::Free::kNow);
        }
    }
    keyspace_.set_sink(no_log_);
    dispatcher_.gate().write_refusal = {};
    // A sync may be in flight, which no turn may wait for here.
    if (log_->busy()) retired_logs_.push_back(std::move(log_));
    log_.reset();
    if (auto loaded = load_log(); !loaded) {
        logger_.warning("DEBUG LOADAOF: {}", loaded.error().what);
        return "ERR Error trying to load the AOF, check server logs";
    }
    return std::nullopt;
}

void Server::apply_limits() {
    connections_->query_buffer_limit = static_cast<size_t>(config_.client_query_buffer_limit);
    connections_->resp_limits.max_bulk_bytes = config_.proto_max_bulk_len;
}

void Server::on_stop_signal(int signal_number) {
    request_stop(signal_number == SIGTERM ? "Received SIGTERM" : "Received SIGINT");
}

// Settings that somebody holds a copy of; the others are read where they are used.
Refusal Server::apply_config(std::string_view name) {
    if (name == "requirepass") {
        dispatcher_.gate().password_required = !config_.requirepass.empty();
    } else if (name == "appendfsync" && log_ != nullptr) {
        log_->set_policy(policy_of(config_.appendfsync));
        place_workers(*ring_, config_.appendfsync, logger_);
    } else if (name == "aof-busy-poll-usec") {
        limit_busy_polls();
    } else if (name == "aof-timestamp-enabled" && log_ != nullptr) {
        log_->set_timestamps(config_.aof_timestamp_enabled);
    } else if (name == "client-query-buffer-limit" || name == "proto-max-bulk-len") {
        apply_limits();
    } else if (name == "loglevel") {
        logger_.set_level(config_.loglevel);
    } else if (name == "latency-tracking") {
        stats_.set_latency_tracking(config_.latency_tracking);
    } else if (name == "hz") {
        cron_->set_period(1'000'000 / config_.hz);
    }
    return std::nullopt;
}

}  // namespace tidemark::server
