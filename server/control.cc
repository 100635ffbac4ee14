// What commands ask of the server: clients, configuration, life and death, WAIT.
#include <ctime>

#include "server/server.h"

namespace tidemark::server {

Client* Server::client_of(const cmd::Session& session) {
    if (running_ != nullptr && &running_->session() == &session) return running_;
    return clients_.find(session.id);
}

cmd::ClientView Server::view(const Client& client) const {
    cmd::ClientView view{};
    view.session = &client.session();
    view.query_buffer_bytes = client.input_buffered();
    view.query_buffer_free_bytes = client.input_capacity() - client.input_buffered();
    view.output_bytes = client.unsent_bytes();
    view.total_bytes = sizeof(Client) + client.input_capacity() + client.output_capacity();
    view.events = client.unsent_bytes() > 0 ? "rw" : "r";
    return view;
}

void Server::for_each_client(const std::function<void(const cmd::ClientView&)>& visit) {
    clients_.for_each([&](Client& client) { visit(view(client)); });
}

cmd::ClientView Server::view_of(const cmd::Session& session) {
    const Client* client = client_of(session);
    if (client != nullptr) return view(*client);
    cmd::ClientView bare{};
    bare.session = &session;
    bare.events = "r";
    return bare;
}

bool Server::kill_client(uint64_t id, const cmd::Session& caller) {
    Client* client = clients_.find(id);
    if (client == nullptr || client->closing()) return false;
    if (&client->session() == &caller) {
        client->session().close_after_reply = true;
    } else {
        client->close_now();
    }
    return true;
}

std::string_view Server::required_password() const {
    return config_.requirepass;
}

void Server::exec(cmd::Session& session, resp::Reply& reply) {
    exec_session_ = &session;
    dispatcher_.run_queue(session, reply);
    exec_session_ = nullptr;
}

bool Server::debug_allowed(const cmd::Session& session) const {
    switch (config_.enable_debug_command) {
        case DebugCommand::kYes:
            return true;
        case DebugCommand::kLocal:
            return session.is_unix_socket || session.address.starts_with("127.") ||
                   session.address.starts_with("[::1]");
        case DebugCommand::kNo:
            return false;
    }
    return false;
}

std::optional<std::string> Server::shutdown(const cmd::ShutdownRequest& request) {
    if (request.save == cmd::ShutdownSave::kSave) {
        return "ERR Errors trying to SHUTDOWN. Check logs.";
    }
    request_stop("User requested shutdown...");
    return std::nullopt;
}

void Server::sleep_us(int64_t us) {
    timespec left{us / 1'000'000, (us % 1'000'000) * 1'000};
    while (::nanosleep(&left, &left) != 0) {
    }
}

// --- WAIT and WAITAOF

Waiters::Acknowledged Server::acknowledged(const Waiters::Waiter& waiter) const {
    const bool in_log = log_ != nullptr && log_->durable_offset() >= waiter.offset;
    return {in_log ? 1 : 0, 0};
}

void Server::wait(cmd::Session& session, const Waiters::Waiter& waiter, resp::Reply& reply) {
    const Waiters::Acknowledged now = acknowledged(waiter);
    if (Waiters::satisfied(waiter, now) || in_transaction(session)) {
        return Waiters::answer(waiter.kind, now, reply);
    }
    waiters_.add(waiter);
    tick_soon_if_needed();
}

void Server::wait_replicas(cmd::Session& session, int64_t replicas, int64_t timeout_ms,
                           resp::Reply& reply) {
    const int64_t deadline_us = timeout_ms == 0 ? 0 : monotonic_us_ + timeout_ms * 1000;
    wait(session,
         {client_of(session), Waiters::Kind::kReplicas, session.last_write_offset, 0, replicas,
          deadline_us},
         reply);
}

void Server::wait_aof(cmd::Session& session, int64_t local, int64_t replicas, int64_t timeout_ms,
                      resp::Reply& reply) {
    const int64_t deadline_us = timeout_ms == 0 ? 0 : monotonic_us_ + timeout_ms * 1000;
    wait(session,
         {client_of(session), Waiters::Kind::kLog, session.last_write_offset, local, replicas,
          deadline_us},
         reply);
}

// --- configuration and figures

void Server::config_get(std::span<const std::string_view> patterns, resp::Reply& reply) {
    store_.get(patterns, reply);
}

void Server::config_set(std::span<const std::string_view> pairs, resp::Reply& reply) {
    store_.set(pairs, reply);
}

void Server::config_rewrite(resp::Reply& reply) {
    store_.rewrite(*disk_, reply);
}

void Server::reset_stats() {
    stats_.reset();
    keyspace_.stats() = engine::Stats{};
    loop_pause_us_max_ = 0;
    query_buffer_limit_disconnections_ = 0;
    output_buffer_limit_disconnections_ = 0;
}

}  // namespace tidemark::server
