// Expiry: EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, TTL, PTTL, EXPIRETIME, PEXPIRETIME, PERSIST.
//
// The log always gets the point in time (PEXPIREAT), or DEL when that point has passed.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/number.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_expiry.h"
#include "cmd/parse_integer.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

using engine::Key;
using engine::ReadTxn;
using engine::WriteTxn;

struct ExpireOptions {
    bool if_none = false;     // NX
    bool if_some = false;     // XX
    bool if_later = false;    // GT
    bool if_earlier = false;  // LT
};

std::optional<ExpireOptions> parse_expire_options(Call& call) {
    ExpireOptions options;
    for (const std::string_view arg : call.args.subspan(3)) {
        if (is_option(arg, "NX")) {
            options.if_none = true;
        } else if (is_option(arg, "XX")) {
            options.if_some = true;
        } else if (is_option(arg, "GT")) {
            options.if_later = true;
        } else if (is_option(arg, "LT")) {
            options.if_earlier = true;
        } else {
            call.reply.error(errors::unsupported_option(arg));
            return std::nullopt;
        }
    }
    if (options.if_none && (options.if_some || options.if_later || options.if_earlier)) {
        call.reply.error(errors::kExpireNxIncompatible);
        return std::nullopt;
    }
    if (options.if_later && options.if_earlier) {
        call.reply.error(errors::kExpireGtLtIncompatible);
        return std::nullopt;
    }
    return options;
}

// Times in the past are welcome here, overflow is not.
std::optional<int64_t> expire_time_arg(Call& call, TimeForm form, int64_t now_ms,
                                       std::string_view command) {
    const auto value = integer_arg(call, 2);
    if (!value) return std::nullopt;
    int64_t at_ms = *value;
    const int64_t scale = form.unit == TimeUnit::kSeconds ? 1000 : 1;
    const int64_t base = form.base == TimeBase::kNow ? now_ms : 0;
    if (__builtin_mul_overflow(at_ms, scale, &at_ms) ||
        __builtin_add_overflow(at_ms, base, &at_ms)) {
        call.reply.error(errors::invalid_expire_time(command));
        return std::nullopt;
    }
    return at_ms;
}

// A key without expiry lives for ever: nothing is later than that, everything is earlier.
bool allows(const ExpireOptions& options, const engine::Entry& entry, int64_t at_ms) {
    if (!entry.has_expiry()) return !options.if_some && !options.if_later;
    if (options.if_none) return false;
    if (options.if_later && at_ms <= entry.expire_at_ms()) return false;
    return !options.if_earlier || at_ms < entry.expire_at_ms();
}

void apply(WriteTxn& txn, const Key& key, int64_t at_ms) {
    if (is_already_expired(txn, at_ms)) {
        txn.erase(key);
        txn.propagate({"DEL", key.name});
        return;
    }
    txn.set_expire(key, at_ms);
    char digits[kMaxInt64Chars];
    const size_t length = write_int64(digits, at_ms);
    txn.propagate({"PEXPIREAT", key.name, {digits, length}});
}

void expire_generic(WriteTxn& txn, Call& call, TimeForm form, std::string_view command) {
    const auto options = parse_expire_options(call);
    if (!options) return;
    const auto at_ms = expire_time_arg(call, form, txn.now_ms(), command);
    if (!at_ms) return;

    const Key key = call.key(txn, 1);
    const engine::Entry* entry = txn.find(key);
    if (entry == nullptr) return call.reply.integer(0);
    if (!allows(*options, *entry, *at_ms)) return call.reply.integer(0);
    apply(txn, key, *at_ms);
    call.reply.integer(1);
}

void expire(WriteTxn& txn, Call& call) {
    expire_generic(txn, call, {TimeUnit::kSeconds, TimeBase::kNow}, "expire");
}
void pexpire(WriteTxn& txn, Call& call) {
    expire_generic(txn, call, {TimeUnit::kMilliseconds, TimeBase::kNow}, "pexpire");
}
void expireat(WriteTxn& txn, Call& call) {
    expire_generic(txn, call, {TimeUnit::kSeconds, TimeBase::kEpoch}, "expireat");
}
void pexpireat(WriteTxn& txn, Call& call) {
    expire_generic(txn, call, {TimeUnit::kMilliseconds, TimeBase::kEpoch}, "pexpireat");
}

// To the nearest second; not by adding first, which the largest time would not survive.
int64_t rounded_seconds(int64_t ms) {
    return ms / 1000 + (ms % 1000 >= 500 ? 1 : 0);
}

// -2: no such key, -1: it has no expiry.
void ttl_generic(const ReadTxn& txn, Call& call, TimeForm form) {
    const engine::Entry* entry = txn.peek(call.key(txn, 1));
    if (entry == nullptr) return call.reply.integer(-2);
    if (!entry->has_expiry()) return call.reply.integer(-1);
    const int64_t base = form.base == TimeBase::kNow ? txn.now_ms() : 0;
    const int64_t ms = std::max<int64_t>(entry->expire_at_ms() - base, 0);
    call.reply.integer(form.unit == TimeUnit::kSeconds ? rounded_seconds(ms) : ms);
}

void ttl(const ReadTxn& txn, Call& call) {
    ttl_generic(txn, call, {TimeUnit::kSeconds, TimeBase::kNow});
}
void pttl(const ReadTxn& txn, Call& call) {
    ttl_generic(txn, call, {TimeUnit::kMilliseconds, TimeBase::kNow});
}
void expiretime(const ReadTxn& txn, Call& call) {
    ttl_generic(txn, call, {TimeUnit::kSeconds, TimeBase::kEpoch});
}
void pexpiretime(const ReadTxn& txn, Call& call) {
    ttl_generic(txn, call, {TimeUnit::kMilliseconds, TimeBase::kEpoch});
}

void persist(WriteTxn& txn, Call& call) {
    call.reply.integer(txn.clear_expire(call.key(txn, 1)) ? 1 : 0);
}

constexpr auto kExpireCommands = std::to_array<CommandSpec>({
    {"EXPIRE", -3, kFast, {1, 1, 1}, WriteHandler{expire}, "keyspace"},
    {"EXPIREAT", -3, kFast, {1, 1, 1}, WriteHandler{expireat}, "keyspace"},
    {"EXPIRETIME", 2, kFast, {1, 1, 1}, ReadHandler{expiretime}, "keyspace"},
    {"PERSIST", 2, kFast, {1, 1, 1}, WriteHandler{persist}, "keyspace"},
    {"PEXPIRE", -3, kFast, {1, 1, 1}, WriteHandler{pexpire}, "keyspace"},
    {"PEXPIREAT", -3, kFast, {1, 1, 1}, WriteHandler{pexpireat}, "keyspace"},
    {"PEXPIRETIME", 2, kFast, {1, 1, 1}, ReadHandler{pexpiretime}, "keyspace"},
    {"PTTL", 2, kFast, {1, 1, 1}, ReadHandler{pttl}, "keyspace"},
    {"TTL", 2, kFast, {1, 1, 1}, ReadHandler{ttl}, "keyspace"},
});

}  // namespace

std::span<const CommandSpec> expire_commands() {
    return kExpireCommands;
}

}  // namespace tidemark::cmd
