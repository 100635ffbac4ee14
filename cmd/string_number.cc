// Counters: INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT.
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "base/number.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_integer.h"

namespace tidemark::cmd {

namespace {

using engine::Expiry;
using engine::Key;
using engine::WriteTxn;

std::optional<int64_t> integer_of(const engine::Entry& entry) {
    if (entry.encoding() == engine::Encoding::kInt) return entry.integer();
    return parse_int64(entry.text());
}

void add_integer(WriteTxn& txn, Call& call, int64_t delta) {
    const Key key = call.key(txn, 1);
    const engine::Entry* entry = txn.find(key);
    if (entry != nullptr && entry->type() != engine::ValueType::kString) {
        return call.reply.error(errors::kWrongType);
    }
    const auto old_value = entry != nullptr ? integer_of(*entry) : std::optional<int64_t>(0);
    if (!old_value) return call.reply.error(errors::kNotInteger);
    int64_t value = 0;
    if (__builtin_add_overflow(*old_value, delta, &value)) {
        return call.reply.error(errors::kIncrementOverflow);
    }
    txn.set_integer(key, value);
    call.reply.integer(value);
}

void incr(WriteTxn& txn, Call& call) {
    add_integer(txn, call, 1);
}
void decr(WriteTxn& txn, Call& call) {
    add_integer(txn, call, -1);
}

void incrby(WriteTxn& txn, Call& call) {
    if (const auto delta = integer_arg(call, 2)) add_integer(txn, call, *delta);
}

void decrby(WriteTxn& txn, Call& call) {
    const auto delta = integer_arg(call, 2);
    if (!delta) return;
    if (*delta == std::numeric_limits<int64_t>::min()) {
        return call.reply.error(errors::kDecrementOverflow);
    }
    add_integer(txn, call, -*delta);
}

void incrbyfloat(WriteTxn& txn, Call& call) {
    const Key key = call.key(txn, 1);
    const auto text = txn.find_string(key);
    if (!text) return call.reply.error(errors::kWrongType);
    const auto old_value = *text ? parse_long_double((*text)->text()) : std::optional(0.0L);
    const auto delta = parse_long_double(call.args[2]);
    if (!old_value || !delta) return call.reply.error(errors::kNotFloat);
    const long double sum = *old_value + *delta;
    if (std::isnan(sum) || std::isinf(sum)) return call.reply.error(errors::kIncrementNotFinite);

    const std::string value = format_long_double(sum);
    txn.set_string(key, value, Expiry::keep());
    // Another machine's long double may round differently: the log has the outcome.
    txn.propagate({"SET", key.name, value, "KEEPTTL"});
    call.reply.bulk(value);
}

constexpr auto kStringNumberCommands = std::to_array<CommandSpec>({
    {"DECR", 2, kDenyOom | kFast, {1, 1, 1}, WriteHandler{decr}, "string"},
    {"DECRBY", 3, kDenyOom | kFast, {1, 1, 1}, WriteHandler{decrby}, "string"},
    {"INCR", 2, kDenyOom | kFast, {1, 1, 1}, WriteHandler{incr}, "string"},
    {"INCRBY", 3, kDenyOom | kFast, {1, 1, 1}, WriteHandler{incrby}, "string"},
    {"INCRBYFLOAT", 3, kDenyOom | kFast, {1, 1, 1}, WriteHandler{incrbyfloat}, "string"},
});

}  // namespace

std::span<const CommandSpec> string_number_commands() {
    return kStringNumberCommands;
}

}  // namespace tidemark::cmd
