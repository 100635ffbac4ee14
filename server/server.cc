#include "server/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "base/random.h"
#include "io/processors.h"

namespace tidemark::server {

namespace {

// What a client beyond maxclients is told before its socket closes.
constexpr std::string_view kTooManyClients = "-ERR max number of clients reached\r\n";
constexpr std::string_view kProtectedMode =
    "-DENIED Tidemark is in protected mode: no password is set and the client is not on this "
    "machine. Set 'requirepass', or bind to trusted interfaces only and set 'protected-mode "
    "no'.\r\n";

// Two processors: one for the loop to look on, one for whoever is waited for.
constexpr uint64_t kPollingPermille = 2'000;

// Tells a stranger why, as far as one write without waiting goes, and hangs up.
void turn_away(int fd, std::string_view text) {
    [[maybe_unused]] const ssize_t sent =
        ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(fd);
}

// 40 hexadecimal digits, as Redis names one life of a server.
std::string random_run_id() {
    constexpr int kWords = 5;
    std::string id;
    for (int i = 0; i < kWords; ++i) {
        id += fmt::format("{:08x}", static_cast<uint32_t>(random_seed_from_kernel()));
    }
    return id;
}

resp::Limits limits_before_auth() {
    resp::Limits limits;
    limits.unauthenticated = true;
    return limits;
}

}  // namespace

Server::Server(ConfigStore& store, Clock& clock, Logger& logger)
    : store_(store),
      config_(store.config()),
      clock_(clock),
      logger_(logger),
      table_(cmd::make_command_table()),
      keyspace_({static_cast<int>(config_.databases), random_seed_from_kernel()}),
      stats_(table_, clock.monotonic_us()),
      dispatcher_(keyspace_, table_, *this, stats_),
      stranger_limits_(limits_before_auth()),
      run_id_(random_run_id()) {
    limit_busy_polls();
    read_clock();
    started_us_ = monotonic_us_;
    started_unix_s_ = now_us_ / 1'000'000;
    used_at_start_ = keyspace_.used_bytes();
}

Server::~Server() {
    if (ring_ != nullptr) drain();
}

// --- the loop

void Server::read_clock() {
    now_us_ = clock_.unix_us();
    monotonic_us_ = clock_.monotonic_us();
    keyspace_.set_now(now_us_ / 1000);
}

// How long the loop may sleep; 0: until something happens.
int64_t Server::wait_limit_us() const {
    const int64_t wake_at_us = log_ != nullptr ? log_->wake_at_us() : 0;
    if (wake_at_us == 0) return 0;
    return std::max<int64_t>(wake_at_us - clock_.monotonic_us(), 1);
}

// Of a quota that is less, looking would use up what commands need.
void Server::limit_busy_polls() {
    const bool possible = io::processor_permille() >= kPollingPermille;
    const int64_t max_us = possible ? config_.aof_busy_poll_us : 0;
    client_poll_.set_max(max_us);
    commit_poll_.set_max(max_us);
}

// Whether a client that writes alone under `always` is about to come back: a wake-up is a good part
// of its commit. When there are more, those that come while the loop is woken share a turn, and
// looking takes the processor from them; while a sync runs it takes it from the worker.
bool Server::expects_lone_client() const {
    if (log_ == nullptr || log_->policy() != aof::FsyncPolicy::kAlways || log_->busy())
        return false;
    return log_->expected_records() <= 1;
}

// Until something has completed; the clock is read afterwards.
void Server::wait_for_work() {
    const aof::Log::Due commit = log_ != nullptr ? log_->direct_due() : aof::Log::Due{};
    if (commit.at_us != 0) {
        wait_for_commit(commit);
    } else if (expects_lone_client()) {
        wait_for_client();
    } else {
        ring_->submit_and_wait(io::Ring::Wait::kForCompletion, wait_limit_us());
    }
    read_clock();
}

void Server::wait_for_commit(aof::Log::Due commit) {
    const int64_t began_us = clock_.monotonic_us();
    const io::BusyPoll::Plan plan = commit_poll_.plan(commit.at_us - began_us, commit.deviation_us);
    // Requests of others come meanwhile; where they follow each other closely, none is slept for.
    const int64_t others_us = log_->expected_records() > 1 ? commit_poll_.us() : 0;
    const int64_t look_us = std::max(plan.look_us, others_us);
    if (look_us > 0) log_->note_polled(ring_->busy_poll(clock_, look_us));
    ring_->submit_and_wait(io::Ring::Wait::kForCompletion, plan.sleep_us);
    commit_poll_.on_wait(clock_.monotonic_us() - began_us);
}

void Server::wait_for_client() {
    const int64_t began_us = clock_.monotonic_us();
    const int64_t limit_us = wait_limit_us();
    const int64_t poll_us =
        limit_us == 0 ? client_poll_.us() : std::min(client_poll_.us(), limit_us);
    if (poll_us > 0) log_->note_polled(ring_->busy_poll(clock_, poll_us));
    ring_->submit_and_wait(io::Ring::Wait::kForCompletion, wait_limit_us());
    client_poll_.on_wait(clock_.monotonic_us() - began_us);
}

void Server::turn(io::Ring::Wait wait) {
    if (wait == io::Ring::Wait::kForCompletion) {
        wait_for_work();
    } else {
        ring_->submit_and_wait(wait);
        read_clock();
    }
    ++connections_->turn;
    ring_->peek();
    dispatcher_.prefetch_announced();
    ring_->dispatch();
    end_turn();
    loop_pause_us_max_ = std::max(loop_pause_us_max_, clock_.monotonic_us() - monotonic_us_);
}

void Server::end_turn() {
    if (log_ != nullptr) log_->end_of_turn();
    if (released_moved_ && log_ != nullptr) {
        released_moved_ = false;
        clients_.release(log_->released_offset());
    }
    if (log_pressure_ && !log_is_behind()) lift_log_pressure();
    if (!waiters_.empty()) {
        waiters_.serve(monotonic_us_,
                       [this](const Waiters::Waiter& waiter) { return acknowledged(waiter); });
    }
    clients_.flush();
    clients_.free_buried();
    std::erase_if(retired_logs_, [](const auto& log) { return !log->busy(); });
}

Status Server::run() {
    while (!stopping_) turn(io::Ring::Wait::kForCompletion);
    hearing_ = false;
    Status closed = close_log();
    clients_.flush();
    drain();
    if (closed) logger_.warning("Tidemark is now ready to exit, bye bye...");
    return closed;
}

Status Server::close_log() {
    if (log_ == nullptr) return {};
    logger_.notice("Writing and syncing the log");
    log_->end_of_turn();
    while (log_->busy()) ring_->turn(io::Ring::Wait::kForCompletion);
    TM_CHECK(log_->close());
    clients_.release(log_->appended_offset());
    return {};
}

// The replies released last are sent, then every client is told that it is over: a connection may
// be freed only when its last completion is in.
void Server::drain() {
    ring_->turn(io::Ring::Wait::kNo);
    listeners_.clear();
    clients_.for_each([](Client& client) { client.close_now(); });
    while (clients_.size() > 0) ring_->turn(io::Ring::Wait::kForCompletion);
    clients_.free_buried();
}

void Server::request_stop(std::string_view why) {
    if (!stopping_) logger_.warning("{}, shutting down", why);
    stopping_ = true;
}

// --- requests

size_t Server::run_requests(Client& client, const resp::RequestBatch& batch) {
    if (!hearing_) return 0;
    cmd::Session& session = client.session();
    session.last_active_us = monotonic_us_;
    const auto prepared = dispatcher_.prepare(session, batch);
    resp::Reply reply(client.output(), session.protocol);
    running_ = &client;
    stats_.begin_batch();
    size_t ran = 0;
    while (ran < batch.requests.size()) {
        const resp::Request& request = batch.requests[ran];
        const uint64_t position = client.output_position();
        const cmd::ReplyMode mode = session.reply_mode;
        const uint64_t depends_on = dispatcher_.run(session, batch.args_of(request),
                                                    request.canonical, prepared[ran], reply);
        ++ran;
        if (mode != cmd::ReplyMode::kOn) mute(client, mode, position);
        if (depends_on > keyspace_.sink().released_offset()) {
            client.hold(position, depends_on);
            clients_.note_held(client);
        }
        if (session.close_after_reply) client.close_after_output();
        if (session.close_at_once) {
            logger_.warning(
                "Client {} speaks HTTP, possibly a web page that is made to send commands "
                "here; closed",
                session.address);
            client.close_now();
        }
        client.pause_if_output_full();
        if (client.paused() || client.closing() || session.close_after_reply) break;
    }
    running_ = nullptr;
    clients_.want_flush(client);
    enforce_output_limit(client);
    if (session.last_write_offset != 0 && log_is_behind()) {
        client.pause(net::Connection::kLogFull);
        log_pressure_ = true;
    }
    return ran;
}

// CLIENT REPLY OFF and SKIP: what the command answered is taken back.
void Server::mute(Client& client, cmd::ReplyMode mode, uint64_t position) {
    cmd::Session& session = client.session();
    if (mode == cmd::ReplyMode::kOff && session.reply_mode == cmd::ReplyMode::kOn) return;
    if (mode == cmd::ReplyMode::kSkipNext) session.reply_mode = cmd::ReplyMode::kOn;
    client.take_back(position);
}

void Server::refuse_protocol(Client& client, std::string_view error) {
    resp::Reply reply(client.output(), client.session().protocol);
    reply.error(error);
    stats_.on_error(reply.last_error_code());
    logger_.verbose("Protocol error ({}) from client {}", error, client.session().id);
}

void Server::note_query_buffer_full(Client& client) {
    ++query_buffer_limit_disconnections_;
    logger_.warning("Closing client {} that reached max query buffer length", client.session().id);
}

const resp::Limits& Server::limits_for(const Client& client) {
    const bool stranger = dispatcher_.gate().password_required && !client.session().authenticated;
    return stranger ? stranger_limits_ : connections_->resp_limits;
}

void Server::on_writable_changed() {
    dispatcher_.gate().write_refusal = log_->misconf_text();
    if (log_->writable()) {
        logger_.notice("The log can be written again: writes are accepted");
    } else {
        logger_.warning("Writes are refused: {}", log_->misconf_text());
    }
}

// --- connections

void Server::on_accepted(int fd) {
    if (clients_.size() >= static_cast<size_t>(config_.maxclients)) {
        stats_.on_connection_refused();
        return turn_away(fd, kTooManyClients);
    }
    const net::PeerNames names = net::names_of(fd);
    if (config_.protected_mode && config_.requirepass.empty() && !names.is_loopback) {
        stats_.on_connection_refused();
        return turn_away(fd, kProtectedMode);
    }
    if (!names.is_unix) net::tune_accepted(fd, static_cast<int>(config_.tcp_keepalive_s));
    Client& client = clients_.add(std::make_unique<Client>(*this, *connections_, fd));
    cmd::Session& session = client.session();
    session.id = next_client_id_++;
    session.authenticated = config_.requirepass.empty();
    session.is_unix_socket = names.is_unix;
    session.address = names.peer;
    session.local_address = names.local;
    session.fd = fd;
    session.created_us = session.last_active_us = monotonic_us_;
    stats_.on_connection();
    client.start();
}

void Server::on_accept_failed(int sys_errno) {
    // Armed again by cron: without descriptors, accepting at once would only spin.
    if (sys_errno != ECANCELED) {
        logger_.warning("Accepting a connection failed: {}",
                        system_error(sys_errno, "accept").what);
    }
}

void Server::bury(Client& client) {
    keyspace_.watches().unwatch(client.session().watcher);
    waiters_.forget(client);
    if (running_ == &client) running_ = nullptr;
    clients_.bury(client);
}

}  // namespace tidemark::server
