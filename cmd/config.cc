// CONFIG. The settings themselves are the server's; this is the door to them.
#include <array>

#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/help.h"

namespace tidemark::cmd {

namespace {

void get(Call& call) {
    call.server.config_get(call.args.subspan(2), call.reply);
}

void set(Call& call) {
    if (call.args.size() % 2 != 0) return call.reply.error(errors::kSyntax);
    call.server.config_set(call.args.subspan(2), call.reply);
}

void rewrite(Call& call) {
    call.server.config_rewrite(call.reply);
}

void resetstat(Call& call) {
    call.server.reset_stats();
    call.reply.ok();
}

constexpr auto kHelp = std::to_array<std::string_view>({
    "GET <pattern> [<pattern> ...]",
    "    The settings whose names match, with their values.",
    "SET <directive> <value> [<directive> <value> ...]",
    "    Change settings: all of them, or none when one is refused.",
    "RESETSTAT",
    "    Set the counters of INFO back to zero.",
    "REWRITE",
    "    Write the settings in use into the configuration file.",
});

void help(Call& call) {
    write_help(call.reply, "CONFIG", kHelp);
}

constexpr uint32_t kFlags = kAdmin | kNoScript | kLoading | kStale;

constexpr auto kConfigCommands = std::to_array<CommandSpec>({
    {"CONFIG", -2, 0, {}, SessionHandler{help}},
    {"CONFIG|GET", -3, kFlags, {}, SessionHandler{get}},
    {"CONFIG|HELP", 2, kLoading | kStale, {}, SessionHandler{help}},
    {"CONFIG|RESETSTAT", 2, kFlags, {}, SessionHandler{resetstat}},
    {"CONFIG|REWRITE", 2, kFlags, {}, SessionHandler{rewrite}},
    {"CONFIG|SET", -4, kFlags, {}, SessionHandler{set}},
});

}  // namespace

std::span<const CommandSpec> config_commands() {
    return kConfigCommands;
}

}  // namespace tidemark::cmd
