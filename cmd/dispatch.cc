#include "cmd/dispatch.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/assert.h"
#include "cmd/errors.h"

namespace tidemark::cmd {

namespace {

// Commands that run at once inside MULTI instead of being queued.
bool runs_inside_multi(const CommandSpec& spec) {
    return spec.name == "EXEC" || spec.name == "DISCARD" || spec.name == "MULTI" ||
           spec.name == "WATCH" || spec.name == "QUIT" || spec.name == "RESET";
}

// The first words of an HTTP request that a web page was tricked into sending here: its body could
// hold commands. Redis hangs up on the same two.
bool is_http(std::string_view name) {
    return same_word(name, "post") || same_word(name, "host:");
}

bool queue_has(const Session& session, auto&& wanted) {
    return std::any_of(session.multi.queue.begin(), session.multi.queue.end(),
                       [&](const QueuedCommand& queued) { return wanted(*queued.spec); });
}

// Whether the command, or for EXEC anything in its queue, answers `wanted`.
bool command_or_queue(const Session& session, const CommandSpec& spec, auto&& wanted) {
    return wanted(spec) || (spec.name == "EXEC" && queue_has(session, wanted));
}

}  // namespace

Dispatcher::Prepared Dispatcher::prepare_one(const Session& session, Args args) const {
    Prepared prepared;
    prepared.match = table_.find(args);
    if (prepared.match.outcome != Lookup::kFound || prepared.match.spec->keys.first <= 0) {
        return prepared;
    }
    const auto at = static_cast<uint32_t>(prepared.match.spec->keys.first);
    if (at >= args.size()) return prepared;
    prepared.hashed_arg = at;
    prepared.hash = keyspace_.hash(args[at]);
    keyspace_.prefetch_bucket(session.db, prepared.hash);
    return prepared;
}

std::span<const Dispatcher::Prepared> Dispatcher::prepare(const Session& session,
                                                          const resp::RequestBatch& batch) {
    prepared_.clear();
    for (const resp::Request& request : batch.requests) {
        prepared_.push_back(prepare_one(session, batch.args_of(request)));
    }
    // A lone request would only wait for its own prefetch.
    if (prepared_.size() > 1) prefetch_entries(session, prepared_);
    return prepared_;
}

void Dispatcher::prefetch_entries(const Session& session,
                                  std::span<const Prepared> prepared) const {
    for (const Prepared& one : prepared) {
        if (one.hashed_arg != 0) keyspace_.prefetch_entry(session.db, one.hash);
    }
}

void Dispatcher::prefetch_announced() {
    for (const Announced& one : announced_) keyspace_.prefetch_entry(one.db, one.hash);
    announced_.clear();
}

void Dispatcher::reject(Session& session, const CommandSpec* spec, std::string_view text,
                        resp::Reply& reply) {
    if (spec != nullptr) observer_.on_rejected(*spec);
    if (session.multi.open) session.multi.aborted = true;
    if (spec != nullptr && spec->name == "EXEC") {
        // EXEC that may not run takes its transaction down with it, and says why.
        keyspace_.watches().unwatch(session.watcher);
        session.watcher.dirty = false;
        session.multi = MultiState{};
        reply.error(errors::exec_abort_because(text));
    } else {
        reply.error(text);
    }
    observer_.on_error(reply.last_error_code());
}

bool Dispatcher::refused(Session& session, Args args, const CommandTable::Match& match,
                         resp::Reply& reply) {
    if (match.outcome != Lookup::kFound) {
        if (is_http(args[0])) {
            session.close_at_once = true;
            return true;
        }
        reject(session, nullptr, lookup_error(table_, match, args), reply);
        return true;
    }
    const CommandSpec& spec = *match.spec;
    if (!arity_fits(spec, args.size())) {
        reject(session, &spec, errors::wrong_arity(table_.lower_name(spec)), reply);
        return true;
    }
    const std::string_view text = gate_refusal(session, spec);
    if (text.empty()) return false;
    reject(session, &spec, text, reply);
    return true;
}

// Why the state of the server or of the session forbids the command; empty: it does not.
std::string_view Dispatcher::gate_refusal(const Session& session, const CommandSpec& spec) const {
    if (gate_.password_required && !session.authenticated && (spec.flags & kNoAuth) == 0) {
        return errors::kNoAuth;
    }
    const auto denied_when_full = [](const CommandSpec& one) {
        return (one.flags & kDenyOom) != 0;
    };
    if (gate_.out_of_memory && command_or_queue(session, spec, denied_when_full)) {
        return errors::kOutOfMemory;
    }
    // PING too: a monitor that pings must learn that the server takes no writes.
    const auto writes = [](const CommandSpec& one) { return one.is_write(); };
    if (!gate_.write_refusal.empty() &&
        (spec.name == "PING" || command_or_queue(session, spec, writes))) {
        return gate_.write_refusal;
    }
    const auto not_while_loading = [](const CommandSpec& one) {
        return (one.flags & kLoading) == 0;
    };
    if (gate_.loading && command_or_queue(session, spec, not_while_loading)) {
        return errors::kLoading;
    }
    if (session.multi.open && (spec.flags & kNoMulti) != 0) return errors::kNotInMulti;
    return {};
}

void Dispatcher::queue(Session& session, Args args, const CommandSpec& spec, resp::Reply& reply) {
    QueuedCommand queued{&spec, {}};
    queued.args.reserve(args.size());
    for (const std::string_view arg : args) {
        queued.args.emplace_back(arg);
        session.multi.queued_bytes += arg.size();
    }
    session.multi.queue.push_back(std::move(queued));
    reply.simple("QUEUED");
}

uint64_t Dispatcher::execute(const CommandSpec& spec, Call& call, std::string_view canonical) {
    if (const auto* write = std::get_if<WriteHandler>(&spec.handler)) {
        engine::WriteTxn txn(keyspace_, call.session.db);
        write->run(txn, call);
        txn.commit(call.args, canonical);
        if (txn.changed()) call.session.last_write_offset = keyspace_.sink().appended_offset();
        return txn.depends_on();
    }
    if (const auto* read = std::get_if<ReadHandler>(&spec.handler)) {
        const engine::ReadTxn txn(keyspace_, call.session.db);
        read->run(txn, call);
        return txn.depends_on();
    }
    // EXEC that fails because of a watched key tells of somebody else's write.
    queue_depends_on_ = call.session.watcher.dirty ? keyspace_.sink().appended_offset() : 0;
    std::get<SessionHandler>(spec.handler).run(call);
    return queue_depends_on_;
}

uint64_t Dispatcher::run(Session& session, Args args, std::string_view canonical,
                         const Prepared& prepared, resp::Reply& reply) {
    if (refused(session, args, prepared.match, reply)) return 0;
    const CommandSpec* spec = prepared.match.spec;
    session.last_command = spec;
    if (session.multi.open && !runs_inside_multi(*spec)) {
        queue(session, args, *spec, reply);
        return 0;
    }
    const uint32_t errors_before = reply.error_count();
    Call call{args, session, server_, reply, prepared.hashed_arg, prepared.hash};
    const uint64_t depends_on = execute(*spec, call, canonical);
    const uint32_t errors = reply.error_count() - errors_before;
    observer_.on_call(*spec, errors);
    if (errors != 0) observer_.on_error(reply.last_error_code());
    if (keyspace_.has_noted()) keyspace_.expire_noted();
    return depends_on;
}

void Dispatcher::run_queue(Session& session, resp::Reply& reply) {
    // Moved out first: a queued command must see a session that is no longer inside MULTI.
    const std::vector<QueuedCommand> commands = std::move(session.multi.queue);
    session.multi = MultiState{};
    keyspace_.watches().unwatch(session.watcher);
    uint64_t depends_on = 0;
    keyspace_.sink().begin_transaction();
    reply.array(commands.size());
    std::vector<std::string_view> args;
    for (const QueuedCommand& queued : commands) {
        args.assign(queued.args.begin(), queued.args.end());
        const Prepared prepared = prepare_one(session, args);
        const uint32_t errors_before = reply.error_count();
        Call call{args, session, server_, reply, prepared.hashed_arg, prepared.hash};
        depends_on = std::max(depends_on, execute(*queued.spec, call, {}));
        const uint32_t errors = reply.error_count() - errors_before;
        observer_.on_call(*queued.spec, errors);
        if (errors != 0) observer_.on_error(reply.last_error_code());
        if (keyspace_.has_noted()) keyspace_.expire_noted();
    }
    keyspace_.sink().end_transaction();
    // The transaction is whole only with its EXEC, whose offset is the newest now.
    if (session.last_write_offset != 0 && depends_on != 0) {
        depends_on = std::max(depends_on, keyspace_.sink().appended_offset());
        session.last_write_offset = std::max(session.last_write_offset, depends_on);
    }
    queue_depends_on_ = depends_on;
}

bool Dispatcher::replay(Session& session, Args args, const Prepared& prepared,
                        resp::Reply& scratch) {
    if (prepared.match.outcome != Lookup::kFound) return false;
    const CommandSpec* spec = prepared.match.spec;
    if (!arity_fits(*spec, args.size())) return false;
    Call call{args, session, server_, scratch, prepared.hashed_arg, prepared.hash};
    if (const auto* write = std::get_if<WriteHandler>(&spec->handler)) {
        engine::WriteTxn txn(keyspace_, session.db);
        write->run(txn, call);
        txn.commit(args, {});
        return true;
    }
    if (spec->name != "SELECT") return false;
    std::get<SessionHandler>(spec->handler).run(call);
    return scratch.error_count() == 0;
}

}  // namespace tidemark::cmd
