// DEBUG: what tests need and an operator may look at. One row in the table, subcommands inside, as
// in Redis; allowed by enable-debug-command only.
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/help.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

using engine::Entry;
using engine::ReadTxn;

// 24 bits of seconds, as Redis's LRU clock.
constexpr int64_t kClockMask = (1 << 24) - 1;
constexpr int64_t kSharedIntegers = 10'000;
constexpr int64_t kSharedReferences = std::numeric_limits<int32_t>::max();

// Bytes of a string value in an RDB file, without compression: its length field and its bytes, or
// one of the three integer encodings.
size_t serialized_length(const Entry& entry) {
    if (entry.encoding() == engine::Encoding::kInt) {
        int64_t value = entry.integer();
        if (value == static_cast<int8_t>(value)) return 2;
        if (value == static_cast<int16_t>(value)) return 3;
        if (value == static_cast<int32_t>(value)) return 5;
    }
    size_t length = entry.text_length();
    if (length < 64) return 1 + length;
    if (length < 16'384) return 2 + length;
    return (length <= std::numeric_limits<uint32_t>::max() ? 5 : 9) + length;
}

bool is_shared_integer(const Entry& entry) {
    return entry.type() == engine::ValueType::kString &&
           entry.encoding() == engine::Encoding::kInt && entry.integer() >= 0 &&
           entry.integer() < kSharedIntegers;
}

void sleep(Call& call) {
    // As permissive as Redis: what is not a number is no time at all.
    double seconds = std::strtod(std::string(call.args[2]).c_str(), nullptr);
    double us = seconds * kMicrosPerSecond;
    if (us > 0 && us < static_cast<double>(std::numeric_limits<int64_t>::max())) {
        call.server.sleep_us(static_cast<int64_t>(us));
    }
    call.reply.ok();
}

void object(const ReadTxn& txn, Call& call) {
    const Entry* entry = txn.peek(txn.key(call.args[2]));
    if (entry == nullptr) return call.reply.error(errors::kNoSuchKey);
    const engine::AccessClock& clock = txn.keyspace().access_clock();
    int64_t idle_s = clock.idle_seconds(*entry);
    int64_t lru = (call.server.now_us() / 1'000'000 - idle_s) & kClockMask;
    call.reply.simple(fmt::format(
        "Value at:{} refcount:{} encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{}",
        fmt::ptr(entry), is_shared_integer(*entry) ? kSharedReferences : 1,
        engine::encoding_name(*entry), serialized_length(*entry), lru, idle_s));
}

void loadaof(Call& call) {
    if (std::optional<std::string> error = call.server.reload_log()) {
        return call.reply.error(*error);
    }
    call.reply.ok();
}

void set_active_expire(Call& call) {
    bool on = std::atoi(std::string(call.args[2]).c_str()) != 0;
    call.server.keyspace().set_active_expire(on);
    call.reply.ok();
}

constexpr auto kHelp = std::to_array<std::string_view>({
    "LOADAOF",
    "    Make the append only file durable, drop the data set and load it again.",
    "OBJECT <key>",
    "    How the value of `key` is stored.",
    "SET-ACTIVE-EXPIRE <0|1>",
    "    0: expired keys are only removed when somebody asks for them. 1: as usual.",
    "SLEEP <seconds>",
    "    The server does nothing for that long. Decimals are fine.",
});

void debug(const ReadTxn& txn, Call& call) {
    if (!call.server.debug_allowed(call.session)) {
        return call.reply.error(errors::kDebugNotAllowed);
    }
    std::string_view name = call.args[1];
    size_t count = call.args.size();
    if (is_option(name, "HELP") && count == 2) return write_help(call.reply, "DEBUG", kHelp);
    if (is_option(name, "LOADAOF") && count == 2) return loadaof(call);
    if (is_option(name, "OBJECT") && count == 3) return object(txn, call);
    if (is_option(name, "SET-ACTIVE-EXPIRE") && count == 3) return set_active_expire(call);
    if (is_option(name, "SLEEP") && count == 3) return sleep(call);
    call.reply.error(errors::unknown_or_wrong_subcommand(name, "debug"));
}

// A reader, so that what OBJECT tells waits until it is durable. COMMAND INFO does not call it
// readonly, as Redis does not.
constexpr auto kDebugCommands = std::to_array<CommandSpec>({
    {"DEBUG", -2, kAdmin | kNoScript | kLoading | kStale | kProtected, {}, ReadHandler{debug}},
});

}  // namespace

std::span<const CommandSpec> debug_commands() {
    return kDebugCommands;
}

}  // namespace tidemark::cmd
