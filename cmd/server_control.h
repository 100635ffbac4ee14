// What commands may ask of the server around them. Declared here, implemented in server/, so that
// cmd includes neither net nor aof.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/keyspace.h"
#include "resp/reply.h"

namespace tidemark::cmd {

class CommandTable;
struct Session;

enum class ShutdownSave : uint8_t { kDefault, kSave, kNoSave };

struct ShutdownRequest {
    ShutdownSave save = ShutdownSave::kDefault;
    bool now = false;
    bool force = false;
};

// One connected client, as CLIENT LIST and CLIENT INFO describe it.
struct ClientView {
    const Session* session;
    size_t query_buffer_bytes;
    size_t query_buffer_free_bytes;
    size_t output_bytes;      // replies not sent yet
    size_t total_bytes;       // of memory in all
    std::string_view events;  // "r", "rw"
};

class ServerControl {
public:
    virtual ~ServerControl() = default;

    virtual engine::Keyspace& keyspace() = 0;
    virtual const CommandTable& commands() const = 0;
    virtual Clock& clock() = 0;
    virtual int64_t now_us() const = 0;        // unix, of this turn
    virtual int64_t monotonic_us() const = 0;  // of this turn

    // --- clients
    virtual void for_each_client(const std::function<void(const ClientView&)>& visit) = 0;
    virtual ClientView view_of(const Session& session) = 0;
    // Closes it, after its pending replies when it is the caller. False: no such client.
    virtual bool kill_client(uint64_t id, const Session& caller) = 0;
    // AUTH: the password that requirepass asks for, empty when none is needed.
    virtual std::string_view required_password() const = 0;

    // --- transactions (MULTI state is in the session; running the queue is the dispatcher's)
    virtual void exec(Session& session, resp::Reply& reply) = 0;

    // --- configuration
    virtual void config_get(std::span<const std::string_view> patterns, resp::Reply& reply) = 0;
    // Alternating names and values. Answers itself, OK or Redis's error.
    virtual void config_set(std::span<const std::string_view> pairs, resp::Reply& reply) = 0;
    virtual void config_rewrite(resp::Reply& reply) = 0;
    virtual void reset_stats() = 0;
    // Sections as given to INFO; empty: the default ones.
    virtual std::string info(std::span<const std::string_view> sections) = 0;
    virtual bool debug_allowed(const Session& session) const = 0;
    virtual int64_t max_bulk_bytes() const { return 512LL * 1024 * 1024; }  // proto-max-bulk-len

    virtual int64_t last_save_s() const { return 0; }  // LASTSAVE: unix seconds

    // --- life
    // On success the server stops and no reply is sent; otherwise the error's text.
    virtual std::optional<std::string> shutdown(const ShutdownRequest& request) = 0;
    // DEBUG LOADAOF: flush the keyspace and load the log again. Error text on failure.
    virtual std::optional<std::string> reload_log() = 0;
    virtual void sleep_us(int64_t us) = 0;  // DEBUG SLEEP: stops the whole loop

    // --- WAIT and WAITAOF: the client waits until its newest write is acknowledged by that many
    // replicas / local logs, or timeout (0: for ever). The reply is written when that happens;
    // inside MULTI at once. wait_aof is called after its arguments were checked.
    virtual void wait_replicas(Session& session, int64_t replicas, int64_t timeout_ms,
                               resp::Reply& reply) = 0;
    virtual void wait_aof(Session& session, int64_t local, int64_t replicas, int64_t timeout_ms,
                          resp::Reply& reply) = 0;
    virtual bool log_enabled() const = 0;
    // So that CLIENT REPLY, SELECT and HELLO can tell.
    virtual bool in_transaction(const Session& session) const = 0;
};

}  // namespace tidemark::cmd
