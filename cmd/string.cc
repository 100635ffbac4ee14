// String commands that take and give whole values: GET, SET and their relatives.
//
// What the log gets is repeatable: an expiry is written as a point in time, and a command that
// changed something only under a condition is written as what it did.
#include <array>
#include <string>
#include <vector>

#include "base/number.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_expiry.h"

namespace tidemark::cmd {

namespace {

using engine::Expiry;
using engine::Key;
using engine::ReadTxn;
using engine::WriteTxn;

// Decimal digits for a record.
class Digits {
public:
    explicit Digits(int64_t value) : length_(write_int64(text_, value)) {}
    std::string_view text() const { return {text_, length_}; }

private:
    char text_[kMaxInt64Chars];
    size_t length_;
};

enum class Found : uint8_t { kValue, kMissing, kWrongType };

// Answers with the value, null or WRONGTYPE.
Found reply_value(const ReadTxn& txn, const Key& key, resp::Reply& reply) {
    const auto value = txn.find_string(key);
    if (!value) {
        reply.error(errors::kWrongType);
        return Found::kWrongType;
    }
    if (!*value) {
        reply.null();
        return Found::kMissing;
    }
    reply.bulk((*value)->text());
    return Found::kValue;
}

void get(const ReadTxn& txn, Call& call) {
    reply_value(txn, call.key(txn, 1), call.reply);
}

bool meets(StringOptions::Condition condition, const ReadTxn& txn, const Key& key) {
    using Condition = StringOptions::Condition;
    if (condition == Condition::kAlways) return true;
    const bool exists = txn.find(key) != nullptr;
    return exists == (condition == Condition::kIfExists);
}

void set_expiring(WriteTxn& txn, const Key& key, std::string_view value, int64_t at_ms) {
    txn.set_string(key, value, Expiry::at(at_ms));
    txn.propagate({"SET", key.name, value, "PXAT", Digits(at_ms).text()});
}

void set_with_options(WriteTxn& txn, Call& call) {
    const auto options = parse_string_options(call, 3, OptionSet::kSet);
    if (!options) return;
    int64_t expire_at_ms = 0;
    if (options->expire_index != 0) {
        const auto at_ms =
            expire_arg(call, options->expire_index, options->expire_form, txn.now_ms(), "set");
        if (!at_ms) return;
        expire_at_ms = *at_ms;
    }

    const Key key = call.key(txn, 1);
    // With GET the old value is the reply, and it is gone once the new one is there.
    if (options->get && reply_value(txn, key, call.reply) == Found::kWrongType) return;
    if (!meets(options->condition, txn, key)) {
        if (!options->get) call.reply.null();
        return;
    }
    if (options->expire_index != 0) {
        set_expiring(txn, key, call.args[2], expire_at_ms);
    } else if (options->keep_ttl) {
        txn.set_string(key, call.args[2], Expiry::keep());
        txn.propagate({"SET", key.name, call.args[2], "KEEPTTL"});
    } else {
        txn.set_string(key, call.args[2], Expiry::none());
        txn.propagate({"SET", key.name, call.args[2]});
    }
    if (!options->get) call.reply.ok();
}

void set(WriteTxn& txn, Call& call) {
    if (call.args.size() != 3) return set_with_options(txn, call);
    txn.set_string(call.key(txn, 1), call.args[2], Expiry::none());
    call.reply.ok();
}

void setnx(WriteTxn& txn, Call& call) {
    const Key key = call.key(txn, 1);
    const bool missing = txn.find(key) == nullptr;
    if (missing) txn.set_string(key, call.args[2], Expiry::none());
    call.reply.integer(missing ? 1 : 0);
}

void set_for(WriteTxn& txn, Call& call, TimeUnit unit, std::string_view command) {
    const auto at_ms = expire_arg(call, 2, {unit, TimeBase::kNow}, txn.now_ms(), command);
    if (!at_ms) return;
    set_expiring(txn, call.key(txn, 1), call.args[3], *at_ms);
    call.reply.ok();
}

void setex(WriteTxn& txn, Call& call) {
    set_for(txn, call, TimeUnit::kSeconds, "setex");
}
void psetex(WriteTxn& txn, Call& call) {
    set_for(txn, call, TimeUnit::kMilliseconds, "psetex");
}

void getset(WriteTxn& txn, Call& call) {
    const Key key = call.key(txn, 1);
    if (reply_value(txn, key, call.reply) == Found::kWrongType) return;
    txn.set_string(key, call.args[2], Expiry::none());
}

void getdel(WriteTxn& txn, Call& call) {
    const Key key = call.key(txn, 1);
    if (reply_value(txn, key, call.reply) != Found::kValue) return;
    txn.erase(key);
    txn.propagate({"DEL", key.name});
}

void change_expiry(WriteTxn& txn, const Key& key, int64_t at_ms, TimeBase base) {
    // A relative time is positive, so it can be over only because the clock's end wrapped: never.
    if (base == TimeBase::kEpoch && is_already_expired(txn, at_ms)) {
        txn.erase(key);
        txn.propagate({"DEL", key.name});
        return;
    }
    txn.set_expire(key, at_ms);
    txn.propagate({"PEXPIREAT", key.name, Digits(at_ms).text()});
}

void getex(WriteTxn& txn, Call& call) {
    const auto options = parse_string_options(call, 2, OptionSet::kGetex);
    if (!options) return;

    // As Redis: a key that is missing or of another type is told before a bad time is.
    const Key key = call.key(txn, 1);
    const auto value = txn.find_string(key);
    if (!value) return call.reply.error(errors::kWrongType);
    if (!*value) return call.reply.null();
    std::optional<int64_t> at_ms;
    if (options->expire_index != 0) {
        at_ms =
            expire_arg(call, options->expire_index, options->expire_form, txn.now_ms(), "getex");
        if (!at_ms) return;
    }
    call.reply.bulk((*value)->text());
    if (at_ms) {
        change_expiry(txn, key, *at_ms, options->expire_form.base);
    } else if (options->persist && txn.clear_expire(key)) {
        txn.propagate({"PERSIST", key.name});
    }
}

void mget(const ReadTxn& txn, Call& call) {
    call.reply.array(call.args.size() - 1);
    for (uint32_t i = 1; i < call.args.size(); ++i) {
        const auto value = txn.find_string(call.key(txn, i));
        if (value && *value) {
            call.reply.bulk((*value)->text());
        } else {
            call.reply.null();
        }
    }
}

void set_pairs(WriteTxn& txn, Call& call) {
    for (uint32_t i = 1; i + 1 < call.args.size(); i += 2) {
        txn.set_string(call.key(txn, i), call.args[i + 1], Expiry::none());
    }
}

void mset(WriteTxn& txn, Call& call) {
    if (call.args.size() % 2 == 0) return call.reply.error(errors::wrong_arity("mset"));
    set_pairs(txn, call);
    call.reply.ok();
}

void msetnx(WriteTxn& txn, Call& call) {
    if (call.args.size() % 2 == 0) return call.reply.error(errors::wrong_arity("msetnx"));
    for (uint32_t i = 1; i < call.args.size(); i += 2) {
        if (txn.find(call.key(txn, i)) != nullptr) return call.reply.integer(0);
    }
    set_pairs(txn, call);
    call.reply.integer(1);
}

constexpr auto kStringCommands = std::to_array<CommandSpec>({
    {"GET", 2, kFast, {1, 1, 1}, ReadHandler{get}, "string"},
    {"GETDEL", 2, kFast, {1, 1, 1}, WriteHandler{getdel}, "string"},
    {"GETEX", -2, kFast, {1, 1, 1}, WriteHandler{getex}, "string"},
    {"GETSET", 3, kDenyOom | kFast, {1, 1, 1}, WriteHandler{getset}, "string"},
    {"MGET", -2, kFast, {1, -1, 1}, ReadHandler{mget}, "string"},
    {"MSET", -3, kDenyOom, {1, -1, 2}, WriteHandler{mset}, "string"},
    {"MSETNX", -3, kDenyOom, {1, -1, 2}, WriteHandler{msetnx}, "string"},
    {"PSETEX", 4, kDenyOom, {1, 1, 1}, WriteHandler{psetex}, "string"},
    {"SET", -3, kDenyOom, {1, 1, 1}, WriteHandler{set}, "string"},
    {"SETEX", 4, kDenyOom, {1, 1, 1}, WriteHandler{setex}, "string"},
    {"SETNX", 3, kDenyOom | kFast, {1, 1, 1}, WriteHandler{setnx}, "string"},
});

}  // namespace

std::span<const CommandSpec> string_commands() {
    return kStringCommands;
}

}  // namespace tidemark::cmd
