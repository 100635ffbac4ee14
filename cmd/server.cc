// Commands about the server as a whole: INFO, TIME, LASTSAVE, ROLE, LOLWUT, SHUTDOWN.
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/version.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

void info(Call& call) {
    call.reply.verbatim(call.server.info(call.args.subspan(1)), "txt");
}

void time(Call& call) {
    int64_t now_us = call.server.now_us();
    call.reply.array(2);
    call.reply.bulk_int(now_us / kMicrosPerSecond);
    call.reply.bulk_int(now_us % kMicrosPerSecond);
}

// Of a server without snapshots: when it started, as Redis says before its first one.
void lastsave(Call& call) {
    call.reply.integer(call.server.last_save_s());
}

void role(Call& call) {
    call.reply.array(3);
    call.reply.bulk("master");
    call.reply.integer(0);
    call.reply.array(0);
}

void lolwut(const engine::ReadTxn&, Call& call) {
    call.reply.verbatim(
        fmt::format("  ~^~     ~^~     ~^~\n~^   ~^~^   ~^~^   ~\nTidemark {}, Redis ver. {}\n",
                    kVersion, kRedisVersion),
        "txt");
}

struct ShutdownOptions {
    ShutdownRequest request;
    enum class Abort : uint8_t { kNo, kYes } abort = Abort::kNo;
};

std::optional<ShutdownOptions> parse_shutdown(Args args) {
    ShutdownOptions options;
    ShutdownRequest& request = options.request;
    for (std::string_view arg : args.subspan(1)) {
        if (is_option(arg, "NOSAVE") && request.save != ShutdownSave::kSave) {
            request.save = ShutdownSave::kNoSave;
        } else if (is_option(arg, "SAVE") && request.save != ShutdownSave::kNoSave) {
            request.save = ShutdownSave::kSave;
        } else if (is_option(arg, "NOW")) {
            request.now = true;
        } else if (is_option(arg, "FORCE")) {
            request.force = true;
        } else if (is_option(arg, "ABORT") && args.size() == 2) {
            options.abort = ShutdownOptions::Abort::kYes;
        } else {
            return std::nullopt;
        }
    }
    return options;
}

void shutdown(Call& call) {
    std::optional<ShutdownOptions> options = parse_shutdown(call.args);
    if (!options) return call.reply.error(errors::kSyntax);
    // A shutdown never waits for anything between two commands, so there is none to call off.
    if (options->abort == ShutdownOptions::Abort::kYes) {
        return call.reply.error(errors::kNoShutdown);
    }
    if (std::optional<std::string> error = call.server.shutdown(options->request)) {
        call.reply.error(*error);
    }
}

constexpr uint32_t kAnyTime = kLoading | kStale;

constexpr auto kServerCommands = std::to_array<CommandSpec>({
    {"INFO", -1, kAnyTime | kSentinel, {}, SessionHandler{info}, "dangerous"},
    {"LASTSAVE", 1, kAnyTime | kFast, {}, SessionHandler{lastsave}, "admin dangerous"},
    {"LOLWUT", -1, kFast, {}, ReadHandler{lolwut}},
    {"ROLE",
     1,
     kAnyTime | kNoScript | kFast | kSentinel,
     {},
     SessionHandler{role},
     "admin dangerous"},
    {"SHUTDOWN",
     -1,
     kAdmin | kNoScript | kAnyTime | kNoMulti | kSentinel | kAllowBusy,
     {},
     SessionHandler{shutdown}},
    {"TIME", 1, kAnyTime | kFast, {}, SessionHandler{time}},
});

}  // namespace

std::span<const CommandSpec> server_commands() {
    return kServerCommands;
}

}  // namespace tidemark::cmd
