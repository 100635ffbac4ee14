// A connected client: its socket (net::Connection) and what commands know of it (cmd::Session).
#pragma once

#include <cstdint>
#include <string_view>

#include "cmd/session.h"
#include "net/connection.h"

namespace tidemark::server {

class Client;

// The server, as its clients see it.
class ClientHost {
public:
    virtual ~ClientHost() = default;
    virtual size_t run_requests(Client& client, const resp::RequestBatch& batch) = 0;
    virtual void look_ahead(Client& client, std::string_view bytes) = 0;
    virtual void refuse_protocol(Client& client, std::string_view error) = 0;
    virtual void want_flush(Client& client) = 0;
    virtual void note_query_buffer_full(Client& client) = 0;
    virtual void bury(Client& client) = 0;
    virtual const resp::Limits& limits_for(const Client& client) = 0;
};

class Client final : public net::Connection {
public:
    Client(ClientHost& host, net::ConnectionContext& context, int fd)
        : Connection(context, fd), host_(host) {}

    cmd::Session& session() { return session_; }
    const cmd::Session& session() const { return session_; }

    bool flush_wanted = false;  // it is in the server's list of this turn
    bool held = false;          // it is in the server's list of clients with held replies
    size_t slot = 0;            // its place in the server's list of clients
    int64_t over_soft_limit_since_us = 0;  // of unsent replies; 0: it is not

protected:
    size_t on_requests(const resp::RequestBatch& batch) override {
        return host_.run_requests(*this, batch);
    }
    void on_input_ahead(std::string_view bytes) override { host_.look_ahead(*this, bytes); }
    void on_protocol_error(std::string_view error) override { host_.refuse_protocol(*this, error); }
    void on_wants_flush() override { host_.want_flush(*this); }
    void on_query_buffer_full() override { host_.note_query_buffer_full(*this); }
    void on_dead() override { host_.bury(*this); }
    const resp::Limits& limits() const override { return host_.limits_for(*this); }

private:
    ClientHost& host_;
    cmd::Session session_;
};

}  // namespace tidemark::server
