// Commands on keys whatever their type: DEL, EXISTS, TYPE, RENAME and their relatives.
#include <array>

#include "cmd/errors.h"
#include "cmd/groups.h"

namespace tidemark::cmd {

namespace {

using engine::Key;
using engine::ReadTxn;
using engine::WriteTxn;

void del(WriteTxn& txn, Call& call) {
    int64_t erased = 0;
    for (uint32_t i = 1; i < call.args.size(); ++i) {
        if (txn.erase(call.key(txn, i))) ++erased;
    }
    call.reply.integer(erased);
}

void exists(const ReadTxn& txn, Call& call) {
    int64_t found = 0;
    for (uint32_t i = 1; i < call.args.size(); ++i) {
        if (txn.peek(call.key(txn, i)) != nullptr) ++found;
    }
    call.reply.integer(found);
}

void touch(const ReadTxn& txn, Call& call) {
    int64_t found = 0;
    for (uint32_t i = 1; i < call.args.size(); ++i) {
        if (txn.find(call.key(txn, i)) != nullptr) ++found;
    }
    call.reply.integer(found);
}

void type(const ReadTxn& txn, Call& call) {
    const engine::Entry* entry = txn.peek(call.key(txn, 1));
    call.reply.simple(entry == nullptr ? "none" : engine::type_name(entry->type()));
}

enum class Renamed : uint8_t { kYes, kNoSource, kTargetExists, kSameKey };
enum class IfTargetExists : uint8_t { kReplace, kRefuse };

Renamed rename_key(WriteTxn& txn, const Key& from, const Key& to, IfTargetExists rule) {
    if (txn.find(from) == nullptr) return Renamed::kNoSource;
    if (from.name == to.name) return Renamed::kSameKey;
    if (rule == IfTargetExists::kRefuse && txn.find(to) != nullptr) return Renamed::kTargetExists;
    txn.rename(from, to);
    return Renamed::kYes;
}

void rename(WriteTxn& txn, Call& call) {
    const Renamed outcome =
        rename_key(txn, call.key(txn, 1), call.key(txn, 2), IfTargetExists::kReplace);
    if (outcome == Renamed::kNoSource) return call.reply.error(errors::kNoSuchKey);
    call.reply.ok();
}

void renamenx(WriteTxn& txn, Call& call) {
    const Renamed outcome =
        rename_key(txn, call.key(txn, 1), call.key(txn, 2), IfTargetExists::kRefuse);
    if (outcome == Renamed::kNoSource) return call.reply.error(errors::kNoSuchKey);
    call.reply.integer(outcome == Renamed::kYes ? 1 : 0);
}

constexpr auto kGenericCommands = std::to_array<CommandSpec>({
    {"DEL", -2, 0, {1, -1, 1}, WriteHandler{del}, "keyspace"},
    {"EXISTS", -2, kFast, {1, -1, 1}, ReadHandler{exists}, "keyspace"},
    {"RENAME", 3, 0, {1, 2, 1}, WriteHandler{rename}, "keyspace"},
    {"RENAMENX", 3, kFast, {1, 2, 1}, WriteHandler{renamenx}, "keyspace"},
    {"TOUCH", -2, kFast, {1, -1, 1}, ReadHandler{touch}, "keyspace"},
    {"TYPE", 2, kFast, {1, 1, 1}, ReadHandler{type}, "keyspace"},
    {"UNLINK", -2, kFast, {1, -1, 1}, WriteHandler{del}, "keyspace"},
});

}  // namespace

std::span<const CommandSpec> generic_commands() {
    return kGenericCommands;
}

}  // namespace tidemark::cmd
