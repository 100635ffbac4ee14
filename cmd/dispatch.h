// From a parsed request to a reply: finds the row, checks what is checked for every command (arity,
// AUTH, loading, refused writes, memory), queues inside MULTI, runs the handler with the
// transaction it asked for, and commits.
//
// Requests come in batches so that the cache misses of a pipeline overlap: prepare() looks all
// commands up, hashes their first keys and starts loading buckets and then entries; run() executes
// one. Runs on the loop's thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cmd/command.h"
#include "cmd/command_table.h"
#include "cmd/server_control.h"
#include "cmd/session.h"
#include "engine/keyspace.h"
#include "resp/reply.h"
#include "resp/request_parser.h"

namespace tidemark::cmd {

// What the server counts; implemented beside the statistics. Called once a command.
class DispatchObserver {
public:
    virtual ~DispatchObserver() = default;
    virtual void on_call(const CommandSpec& spec, uint32_t errors) = 0;
    virtual void on_rejected(const CommandSpec& spec) = 0;
    virtual void on_error(std::string_view code) = 0;
};

// What the dispatcher asks before it lets a command in. Plain values, set by the server when they
// change, so that the hot path asks nobody.
struct Gate {
    bool password_required = false;
    bool loading = false;
    bool out_of_memory = false;      // used memory is past maxmemory
    std::string_view write_refusal;  // "MISCONF ...", empty when writes are fine
};

class Dispatcher {
public:
    Dispatcher(engine::Keyspace& keyspace, const CommandTable& table, ServerControl& server,
               DispatchObserver& observer)
        : keyspace_(keyspace), table_(table), server_(server), observer_(observer) {}

    Gate& gate() { return gate_; }

    struct Prepared {
        CommandTable::Match match{nullptr, Lookup::kUnknownCommand};
        uint32_t hashed_arg = 0;
        uint64_t hash = 0;
    };
    // Fills one Prepared for each request of the batch, in the order of the batch; valid until the
    // next call.
    std::span<const Prepared> prepare(const Session& session, const resp::RequestBatch& batch);
    Prepared prepare_one(const Session& session, Args args) const;
    void prefetch_entries(const Session& session, std::span<const Prepared> prepared) const;

    // For requests of different clients that will run one after the other: announce() them all,
    // then prefetch_announced(), then run them. A wrong guess costs nothing but the prefetch.
    void announce(const Session& session, std::string_view likely_key) {
        if (likely_key.empty()) return;
        const uint64_t hash = keyspace_.hash(likely_key);
        keyspace_.prefetch_bucket(session.db, hash);
        announced_.push_back({session.db, hash});
    }
    void prefetch_announced();

    // Runs one request and appends its reply. Returns the log offset that the reply depends on;
    // 0: none.
    uint64_t run(Session& session, Args args, std::string_view canonical, const Prepared& prepared,
                 resp::Reply& reply);

    // EXEC's inside: runs the queue as one transaction of the log. Appends the replies.
    void run_queue(Session& session, resp::Reply& reply);

    // Replays one command of a log: no checks but the table's own, nothing kept of the reply.
    // False: unknown command, wrong arity, or one that a log cannot hold.
    bool replay(Session& session, Args args, const Prepared& prepared, resp::Reply& scratch);

private:
    bool refused(Session& session, Args args, const CommandTable::Match& match, resp::Reply& reply);
    std::string_view gate_refusal(const Session& session, const CommandSpec& spec) const;
    void reject(Session& session, const CommandSpec* spec, std::string_view text,
                resp::Reply& reply);
    void queue(Session& session, Args args, const CommandSpec& spec, resp::Reply& reply);
    uint64_t execute(const CommandSpec& spec, Call& call, std::string_view canonical);

    engine::Keyspace& keyspace_;
    const CommandTable& table_;
    ServerControl& server_;
    DispatchObserver& observer_;
    Gate gate_;
    std::vector<Prepared> prepared_;
    struct Announced {
        int db;
        uint64_t hash;
    };
    std::vector<Announced> announced_;
    uint64_t queue_depends_on_ = 0;  // newest offset that the commands of the running EXEC need
};

}  // namespace tidemark::cmd
