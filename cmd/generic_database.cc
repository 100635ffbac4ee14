// Commands on whole databases, and those that carry a key from one to another: COPY, MOVE, SWAPDB,
// DBSIZE, FLUSHDB, FLUSHALL.
#include <array>
#include <optional>

#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_integer.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

using engine::Key;
using engine::ReadTxn;
using engine::WriteTxn;

struct CopyOptions {
    int target_db;
    bool replace = false;
};

std::optional<CopyOptions> parse_copy_options(Call& call, int source_db) {
    CopyOptions options{source_db};
    for (size_t i = 3; i < call.args.size(); ++i) {
        if (is_option(call.args[i], "REPLACE")) {
            options.replace = true;
        } else if (is_option(call.args[i], "DB") && i + 1 < call.args.size()) {
            const auto db = db_arg(call, ++i);
            if (!db) return std::nullopt;
            options.target_db = *db;
        } else {
            call.reply.error(errors::kSyntax);
            return std::nullopt;
        }
    }
    return options;
}

void copy(WriteTxn& txn, Call& call) {
    const auto options = parse_copy_options(call, txn.db());
    if (!options) return;
    const Key from = call.key(txn, 1);
    const Key to = call.key(txn, 2);
    if (options->target_db == txn.db() && from.name == to.name) {
        return call.reply.error(errors::kSameObject);
    }
    if (txn.find(from) == nullptr) return call.reply.integer(0);
    const bool taken = txn.find_in(options->target_db, to) != nullptr;
    if (taken && !options->replace) return call.reply.integer(0);
    txn.copy(from, options->target_db, to);
    call.reply.integer(1);
}

void move(WriteTxn& txn, Call& call) {
    const auto target_db = db_arg(call, 2);
    if (!target_db) return;
    if (*target_db == txn.db()) return call.reply.error(errors::kSameObject);
    const Key key = call.key(txn, 1);
    if (txn.find(key) == nullptr || txn.find_in(*target_db, key) != nullptr) {
        return call.reply.integer(0);
    }
    txn.move(key, *target_db);
    call.reply.integer(1);
}

void swapdb(WriteTxn& txn, Call& call) {
    const auto first = int_arg(call, 1, errors::kInvalidFirstDb);
    if (!first) return;
    const auto second = int_arg(call, 2, errors::kInvalidSecondDb);
    if (!second) return;
    const int databases = txn.keyspace().databases();
    if (*first < 0 || *first >= databases || *second < 0 || *second >= databases) {
        return call.reply.error(errors::kDbOutOfRange);
    }
    txn.swap_databases(*first, *second);
    call.reply.ok();
}

void dbsize(const ReadTxn& txn, Call& call) {
    call.reply.integer(static_cast<int64_t>(txn.db_size()));
}

std::optional<WriteTxn::Free> parse_flush_mode(Call& call) {
    if (call.args.size() == 1) return WriteTxn::Free::kNow;
    if (call.args.size() == 2 && is_option(call.args[1], "SYNC")) return WriteTxn::Free::kNow;
    if (call.args.size() == 2 && is_option(call.args[1], "ASYNC")) return WriteTxn::Free::kLater;
    call.reply.error(errors::kSyntax);
    return std::nullopt;
}

// Logged even when there was nothing to delete, as Redis does: a log that is replayed over other
// data (a replica's, an adopted folder's) must come out the same.
void flushdb(WriteTxn& txn, Call& call) {
    const auto mode = parse_flush_mode(call);
    if (!mode) return;
    txn.flush_database(txn.db(), *mode);
    txn.touch_nothing_but_log();
    call.reply.ok();
}

void flushall(WriteTxn& txn, Call& call) {
    const auto mode = parse_flush_mode(call);
    if (!mode) return;
    for (int db = 0; db < txn.keyspace().databases(); ++db) txn.flush_database(db, *mode);
    txn.touch_nothing_but_log();
    call.reply.ok();
}

constexpr auto kDatabaseCommands = std::to_array<CommandSpec>({
    {"COPY", -3, kDenyOom, {1, 2, 1}, WriteHandler{copy}, "keyspace"},
    {"DBSIZE", 1, kFast, {}, ReadHandler{dbsize}, "keyspace"},
    {"FLUSHALL", -1, 0, {}, WriteHandler{flushall}, "keyspace dangerous"},
    {"FLUSHDB", -1, 0, {}, WriteHandler{flushdb}, "keyspace dangerous"},
    {"MOVE", 3, kFast, {1, 1, 1}, WriteHandler{move}, "keyspace"},
    {"SWAPDB", 3, kFast, {}, WriteHandler{swapdb}, "keyspace dangerous"},
});

}  // namespace

std::span<const CommandSpec> database_commands() {
    return kDatabaseCommands;
}

}  // namespace tidemark::cmd
