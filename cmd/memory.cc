// MEMORY USAGE: what a key costs.
#include <array>
#include <optional>

#include "base/number.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/help.h"
#include "cmd/parse_integer.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

// Its share of the table, which takes 10 to 18 bytes a key, as full as it happens to be.
constexpr int64_t kSlotBytes = 14;

// SAMPLES is for collections; it is checked and has no say about a string.
bool parse_samples(Call& call) {
    for (size_t i = 3; i < call.args.size(); i += 2) {
        if (!is_option(call.args[i], "SAMPLES") || i + 1 == call.args.size()) {
            call.reply.error(errors::kSyntax);
            return false;
        }
        std::optional<int64_t> samples = integer_arg(call, i + 1);
        if (!samples) return false;
        if (*samples < 0) {
            call.reply.error(errors::kSyntax);
            return false;
        }
    }
    return true;
}

void usage(const engine::ReadTxn& txn, Call& call) {
    if (!parse_samples(call)) return;
    const engine::Entry* entry = txn.peek(call.key(txn, 2));
    if (entry == nullptr) return call.reply.null();
    call.reply.integer(static_cast<int64_t>(entry->block_bytes()) + kSlotBytes);
}

constexpr auto kHelp = std::to_array<std::string_view>({
    "USAGE <key> [SAMPLES <count>]",
    "    The bytes that <key> and its value take.",
});

void help(Call& call) {
    write_help(call.reply, "MEMORY", kHelp);
}

constexpr auto kMemoryCommands = std::to_array<CommandSpec>({
    {"MEMORY", -2, 0, {}, SessionHandler{help}},
    {"MEMORY|HELP", 2, kLoading | kStale, {}, SessionHandler{help}},
    {"MEMORY|USAGE", -3, 0, {2, 2, 1}, ReadHandler{usage}},
});

}  // namespace

std::span<const CommandSpec> memory_commands() {
    return kMemoryCommands;
}

}  // namespace tidemark::cmd
