// The server: owns every part, wires them together, and turns the loop.
//
// One turn: wait for completions; read the time; run what has come in; then, once for all of it,
// write and sync the log, let go of replies whose offset is reached, and start the sends.
// Everything here runs on the loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aof/log.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd/dispatch.h"
#include "cmd/server_control.h"
#include "engine/keyspace.h"
#include "io/busy_poll.h"
#include "io/folder_lock.h"
#include "io/real_disk.h"
#include "io/ring.h"
#include "io/signals.h"
#include "io/timer.h"
#include "net/listener.h"
#include "resp/second_argument.h"
#include "server/clients.h"
#include "server/config_store.h"
#include "server/info.h"
#include "server/stats.h"
#include "server/waiters.h"

namespace tidemark::server {

class Server final : public cmd::ServerControl,
                     public ClientHost,
                     public aof::Log::Observer,
                     public io::Signals::Listener,
                     public net::Listener::Owner {
public:
    // All three outlive the server.
    Server(ConfigStore& store, Clock& clock, Logger& logger);
    ~Server() override;

    // Before the store exists: how many clients the limit on open files allows.
    static void fit_file_limit(Config& config, Logger& logger);

    // Takes the ports and the folder, loads the log. On failure: one sentence with the remedy.
    Status start();
    // Turns the loop until SHUTDOWN or a signal, then closes the log cleanly.
    Status run();
    void request_stop(std::string_view why);

    // --- cmd::ServerControl
    engine::Keyspace& keyspace() override { return keyspace_; }
    const cmd::CommandTable& commands() const override { return table_; }
    Clock& clock() override { return clock_; }
    int64_t now_us() const override { return now_us_; }
    int64_t monotonic_us() const override { return monotonic_us_; }
    void for_each_client(const std::function<void(const cmd::ClientView&)>& visit) override;
    cmd::ClientView view_of(const cmd::Session& session) override;
    bool kill_client(uint64_t id, const cmd::Session& caller) override;
    std::string_view required_password() const override;
    void exec(cmd::Session& session, resp::Reply& reply) override;
    void config_get(std::span<const std::string_view> patterns, resp::Reply& reply) override;
    void config_set(std::span<const std::string_view> pairs, resp::Reply& reply) override;
    void config_rewrite(resp::Reply& reply) override;
    void reset_stats() override;
    std::string info(std::span<const std::string_view> sections) override;
    bool debug_allowed(const cmd::Session& session) const override;
    int64_t max_bulk_bytes() const override { return config_.proto_max_bulk_len; }
    int64_t last_save_s() const override { return started_unix_s_; }
    std::optional<std::string> shutdown(const cmd::ShutdownRequest& request) override;
    std::optional<std::string> reload_log() override;
    void sleep_us(int64_t us) override;
    void wait_replicas(cmd::Session& session, int64_t replicas, int64_t timeout_ms,
                       resp::Reply& reply) override;
    void wait_aof(cmd::Session& session, int64_t local, int64_t replicas, int64_t timeout_ms,
                  resp::Reply& reply) override;
    bool log_enabled() const override { return log_ != nullptr; }
    bool in_transaction(const cmd::Session& session) const override {
        return &session == exec_session_;
    }

private:
    // --- start (startup.cc)
    Status open_listeners();
    Status load_log();
    Status on_load_progress(uint64_t done, uint64_t total);
    Refusal apply_config(std::string_view name);
    void apply_limits();

    Status close_log();
    void drain();

    // --- the loop (server.cc)
    void turn(io::Ring::Wait wait);
    void limit_busy_polls();
    bool expects_lone_client() const;
    void wait_for_work();
    void wait_for_commit(aof::Log::Due commit);
    void wait_for_client();
    int64_t wait_limit_us() const;
    void end_turn();
    void read_clock();

    // --- ClientHost
    size_t run_requests(Client& client, const resp::RequestBatch& batch) override;
    void look_ahead(Client& client, std::string_view bytes) override {
        dispatcher_.announce(client.session(), resp::second_argument(bytes));
    }
    void mute(Client& client, cmd::ReplyMode mode, uint64_t position);
    void refuse_protocol(Client& client, std::string_view error) override;
    void want_flush(Client& client) override { clients_.want_flush(client); }
    void note_query_buffer_full(Client& client) override;
    void bury(Client& client) override;
    const resp::Limits& limits_for(const Client& client) override;

    // --- aof::Log::Observer
    void on_released() override { released_moved_ = true; }
    void on_writable_changed() override;

    // --- net::Listener::Owner
    void on_accepted(int fd) override;
    void on_accept_failed(int sys_errno) override;

    // --- io::Signals::Listener
    void on_stop_signal(int signal_number) override;

    // --- cron (cron.cc)
    // One of the two timers: calls a method of the server.
    struct Tick final : io::Timer::Listener {
        Tick(Server& owner, void (Server::*callback)()) : server(owner), method(callback) {}
        void on_tick() override { (server.*method)(); }
        Server& server;
        void (Server::*method)();
    };
    void on_cron();
    void on_soon();
    void tick_soon_if_needed();
    void expire_some();
    void look_after_clients();
    void enforce_output_limit(Client& client);
    // Clients that write are not read from until the log has drained. One that cannot be written at
    // all does not drain: there they go on, and are told.
    bool log_is_behind() const { return log_ != nullptr && log_->writable() && log_->over_limit(); }
    void lift_log_pressure();

    void wait(cmd::Session& session, const Waiters::Waiter& waiter, resp::Reply& reply);
    Waiters::Acknowledged acknowledged(const Waiters::Waiter& waiter) const;
    cmd::ClientView view(const Client& client) const;
    void describe_clients(InfoSource& source);
    void describe_log(InfoSource& source);
    void describe_keyspace(InfoSource& source);
    Client* client_of(const cmd::Session& session);

    ConfigStore& store_;
    const Config& config_;
    Clock& clock_;
    Logger& logger_;
    cmd::CommandTable table_;
    engine::NullCommitSink no_log_;
    engine::Keyspace keyspace_;
    Stats stats_;
    cmd::Dispatcher dispatcher_;
    resp::Limits stranger_limits_;  // before AUTH

    std::unique_ptr<io::Ring> ring_;
    io::BusyPoll client_poll_{0};  // for the next request of a client that writes alone
    io::BusyPoll commit_poll_{0};  // while a direct write is under way
    std::unique_ptr<io::RealDisk> disk_;
    std::optional<io::FolderLock> folder_lock_;
    std::unique_ptr<net::ConnectionContext> connections_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::unique_ptr<io::Signals> signals_;
    Tick cron_tick_{*this, &Server::on_cron};
    Tick soon_tick_{*this, &Server::on_soon};
    std::unique_ptr<io::Timer> cron_;  // `hz` times a second
    std::unique_ptr<io::Timer> soon_;  // every kSoonPeriodUs, only while something is due soon
    std::unique_ptr<aof::Log> log_;    // nullptr: appendonly no
    // Replaced by DEBUG LOADAOF, with an operation in flight; freed when it has completed.
    std::vector<std::unique_ptr<aof::Log>> retired_logs_;
    Clients clients_;
    Waiters waiters_;

    int64_t now_us_ = 0;
    int64_t monotonic_us_ = 0;
    int64_t started_us_ = 0;  // monotonic
    int64_t started_unix_s_ = 0;
    std::string run_id_;
    uint64_t used_at_start_ = 0;
    uint64_t used_peak_ = 0;
    int64_t loop_pause_us_max_ = 0;
    uint64_t query_buffer_limit_disconnections_ = 0;
    uint64_t output_buffer_limit_disconnections_ = 0;
    uint64_t loading_done_bytes_ = 0;
    uint64_t loading_total_bytes_ = 0;
    uint64_t next_client_id_ = 1;
    const cmd::Session* exec_session_ = nullptr;  // whose EXEC is running
    Client* running_ = nullptr;                   // whose request is running
    bool released_moved_ = false;
    bool stopping_ = false;
    bool hearing_ = true;  // false once the log is closing: nothing more is executed
    bool loading_ = false;
    bool expire_busy_ = false;   // the last slice of active expiry did not finish its round
    bool log_pressure_ = false;  // some clients are paused because the log is behind
};

}  // namespace tidemark::server
