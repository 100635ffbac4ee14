// MULTI, EXEC, DISCARD, WATCH, UNWATCH. Queueing commands and running the queue is the
// dispatcher's work; here is what opens, abandons and guards a transaction.
#include <array>

#include "cmd/errors.h"
#include "cmd/groups.h"

namespace tidemark::cmd {

namespace {

void forget_watched(Session& session, ServerControl& server) {
    server.keyspace().watches().unwatch(session.watcher);
    session.watcher.dirty = false;
}

void abandon(Session& session, ServerControl& server) {
    session.multi = MultiState();
    forget_watched(session, server);
}

// A watched key whose time has come since WATCH counts as changed: deleting it tells the watchers.
void expire_watched(Session& session, engine::Keyspace& keyspace) {
    for (const auto& [db, name] : session.watcher.keys) {
        const engine::ReadTxn txn(keyspace, db);
        txn.peek(txn.key(name));
    }
    keyspace.expire_noted();
}

void multi(Call& call) {
    if (call.session.multi.open) return call.reply.error(errors::kMultiNested);
    call.session.multi.open = true;
    call.reply.ok();
}

void exec(Call& call) {
    Session& session = call.session;
    if (!session.multi.open) return call.reply.error(errors::kExecWithoutMulti);
    expire_watched(session, call.server.keyspace());
    if (session.multi.aborted) {
        abandon(session, call.server);
        return call.reply.error(errors::kExecAbort);
    }
    if (session.watcher.dirty) {
        abandon(session, call.server);
        return call.reply.null_array();
    }
    call.server.exec(session, call.reply);
}

void discard(Call& call) {
    if (!call.session.multi.open) return call.reply.error(errors::kDiscardWithoutMulti);
    abandon(call.session, call.server);
    call.reply.ok();
}

void watch(Call& call) {
    if (call.session.multi.open) return call.reply.error(errors::kWatchInsideMulti);
    // Already lost: EXEC will fail whatever else is watched.
    if (call.session.watcher.dirty) return call.reply.ok();
    engine::Keyspace& keyspace = call.server.keyspace();
    // Keys that are already expired go now, so that their deletion does not count as a change.
    const engine::ReadTxn txn(keyspace, call.session.db);
    for (const std::string_view name : call.args.subspan(1)) txn.peek(txn.key(name));
    keyspace.expire_noted();
    for (const std::string_view name : call.args.subspan(1)) {
        keyspace.watches().watch(call.session.watcher, call.session.db, name);
    }
    call.reply.ok();
}

void unwatch(Call& call) {
    forget_watched(call.session, call.server);
    call.reply.ok();
}

constexpr uint32_t kTransactionFlags = kNoScript | kLoading | kStale;

constexpr auto kTransactionCommands = std::to_array<CommandSpec>({
    {"DISCARD",
     1,
     kTransactionFlags | kFast | kAllowBusy,
     {},
     SessionHandler{discard},
     "transaction"},
    {"EXEC", 1, kTransactionFlags | kSkipSlowlog, {}, SessionHandler{exec}, "transaction"},
    {"MULTI", 1, kTransactionFlags | kFast | kAllowBusy, {}, SessionHandler{multi}, "transaction"},
    {"UNWATCH",
     1,
     kTransactionFlags | kFast | kAllowBusy,
     {},
     SessionHandler{unwatch},
     "transaction"},
    {"WATCH",
     -2,
     kTransactionFlags | kFast | kAllowBusy,
     {1, -1, 1},
     SessionHandler{watch},
     "transaction"},
});

}  // namespace

std::span<const CommandSpec> transaction_commands() {
    return kTransactionCommands;
}

}  // namespace tidemark::cmd
