// OBJECT: what a value is stored as, and when it was used last.
#include <array>

#include "cmd/errors.h"
#include "cmd/groups.h"

namespace tidemark::cmd {

namespace {

using engine::Entry;
using engine::Key;
using engine::ReadTxn;

// Redis keeps one object for each of these integers and answers with "shared" as their reference
// count; clients that look get the same answer here.
constexpr int64_t kSharedIntegers = 10'000;
constexpr int64_t kSharedReferences = 2'147'483'647;

// Answers with null when the key is missing.
const Entry* lookup_or_null(const ReadTxn& txn, Call& call) {
    const Entry* entry = txn.peek(call.key(txn, 2));
    if (entry == nullptr) call.reply.null();
    return entry;
}

bool is_shared_integer(const Entry& entry) {
    return entry.type() == engine::ValueType::kString &&
           entry.encoding() == engine::Encoding::kInt && entry.integer() >= 0 &&
           entry.integer() < kSharedIntegers;
}

void encoding(const ReadTxn& txn, Call& call) {
    if (const Entry* entry = lookup_or_null(txn, call)) {
        call.reply.bulk(engine::encoding_name(*entry));
    }
}

void refcount(const ReadTxn& txn, Call& call) {
    if (const Entry* entry = lookup_or_null(txn, call)) {
        call.reply.integer(is_shared_integer(*entry) ? kSharedReferences : 1);
    }
}

// What the access clock of the entry means depends on the policy that is set now.
bool counts_accesses(const ReadTxn& txn) {
    return txn.keyspace().access_clock().policy() == engine::AccessPolicy::kLfu;
}

void idletime(const ReadTxn& txn, Call& call) {
    const Entry* entry = lookup_or_null(txn, call);
    if (entry == nullptr) return;
    if (counts_accesses(txn)) return call.reply.error(errors::kIdleNotTracked);
    call.reply.integer(txn.keyspace().access_clock().idle_seconds(*entry));
}

void freq(const ReadTxn& txn, Call& call) {
    const Entry* entry = lookup_or_null(txn, call);
    if (entry == nullptr) return;
    if (!counts_accesses(txn)) return call.reply.error(errors::kFreqNotTracked);
    call.reply.integer(txn.keyspace().access_clock().frequency(*entry));
}

constexpr auto kHelp = std::to_array<std::string_view>({
    "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ENCODING <key>",
    "    Return the kind of internal representation used in order to store the value",
    "    associated with a <key>.",
    "FREQ <key>",
    "    Return the access frequency index of the <key>. The returned integer is",
    "    proportional to the logarithm of the recent access frequency of the key.",
    "IDLETIME <key>",
    "    Return the idle time of the <key>, that is the approximated number of",
    "    seconds elapsed since the last access to the key.",
    "REFCOUNT <key>",
    "    Return the number of references of the value associated with the specified",
    "    <key>.",
    "HELP",
    "    Prints this help.",
});

void help(Call& call) {
    call.reply.array(kHelp.size());
    for (const std::string_view line : kHelp) call.reply.simple(line);
}

constexpr auto kObjectCommands = std::to_array<CommandSpec>({
    {"OBJECT", -2, 0, {}, SessionHandler{help}},
    {"OBJECT|ENCODING", 3, 0, {2, 2, 1}, ReadHandler{encoding}, "keyspace"},
    {"OBJECT|FREQ", 3, 0, {2, 2, 1}, ReadHandler{freq}, "keyspace"},
    {"OBJECT|HELP", 2, kLoading | kStale, {}, SessionHandler{help}, "keyspace"},
    {"OBJECT|IDLETIME", 3, 0, {2, 2, 1}, ReadHandler{idletime}, "keyspace"},
    {"OBJECT|REFCOUNT", 3, 0, {2, 2, 1}, ReadHandler{refcount}, "keyspace"},
});

}  // namespace

std::span<const CommandSpec> object_commands() {
    return kObjectCommands;
}

}  // namespace tidemark::cmd
