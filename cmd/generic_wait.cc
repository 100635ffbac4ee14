// WAIT and WAITAOF: their arguments. Waiting is the server's.
#include <array>
#include <limits>

#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_integer.h"

namespace tidemark::cmd {

namespace {

int64_t now_ms(const Call& call) {
    return call.server.now_us() / 1000;
}

void wait(Call& call) {
    const auto replicas = integer_arg(call, 1);
    if (!replicas) return;
    const auto timeout_ms = timeout_ms_arg(call, 2, now_ms(call));
    if (!timeout_ms) return;
    call.server.wait_replicas(call.session, *replicas, *timeout_ms, call.reply);
}

void waitaof(Call& call) {
    const auto local = integer_arg_between(call, 1, 0, 1);
    if (!local) return;
    const auto replicas = integer_arg(call, 2);
    if (!replicas) return;
    if (*replicas < 0) return call.reply.error(errors::kMustBePositive);
    const auto timeout_ms = timeout_ms_arg(call, 3, now_ms(call));
    if (!timeout_ms) return;
    if (*local > 0 && !call.server.log_enabled()) {
        return call.reply.error(errors::kWaitAofWithoutLog);
    }
    call.server.wait_aof(call.session, *local, *replicas, *timeout_ms, call.reply);
}

constexpr auto kWaitCommands = std::to_array<CommandSpec>({
    {"WAIT", 3, kBlocking, {}, SessionHandler{wait}, "connection"},
    {"WAITAOF", 4, kBlocking, {}, SessionHandler{waitaof}, "connection"},
});

}  // namespace

std::span<const CommandSpec> wait_commands() {
    return kWaitCommands;
}

}  // namespace tidemark::cmd
