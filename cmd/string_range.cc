// String commands that work on parts of a value: APPEND, STRLEN, GETRANGE, SETRANGE.
#include <algorithm>
#include <array>

#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_integer.h"

namespace tidemark::cmd {

namespace {

using engine::Expiry;
using engine::Key;
using engine::ReadTxn;
using engine::WriteTxn;

// A value may not grow past what one argument may carry. A record that is replayed once passed this
// check, maybe under a higher limit, and is not asked again.
bool exceeds_limit(const ReadTxn& txn, const Call& call, size_t offset, size_t added) {
    if (txn.keyspace().replaying()) return false;
    const auto limit = static_cast<size_t>(call.server.max_bulk_bytes());
    return added > limit || offset > limit - added;
}

// Length of the string at `key`, 0 when it is missing.
engine::Typed<size_t> length_of(const ReadTxn& txn, const Key& key) {
    const engine::Entry* entry = txn.find(key);
    if (entry == nullptr) return 0;
    if (entry->type() != engine::ValueType::kString) return tl::unexpected(engine::WrongType());
    return entry->text_length();
}

void append(WriteTxn& txn, Call& call) {
    const Key key = call.key(txn, 1);
    const std::string_view tail = call.args[2];
    const auto value = txn.find_string(key);
    if (!value) return call.reply.error(errors::kWrongType);
    if (!*value) {
        // A value of its own, so that APPEND k 12 makes an integer as SET does.
        txn.set_string(key, tail, Expiry::none());
        return call.reply.integer(static_cast<int64_t>(tail.size()));
    }
    if (exceeds_limit(txn, call, (*value)->text().size(), tail.size())) {
        return call.reply.error(errors::kStringTooLong);
    }
    call.reply.integer(static_cast<int64_t>(txn.append_string(key, tail)));
}

void strlen(const ReadTxn& txn, Call& call) {
    const auto length = length_of(txn, call.key(txn, 1));
    if (!length) return call.reply.error(errors::kWrongType);
    call.reply.integer(static_cast<int64_t>(*length));
}

void setrange(WriteTxn& txn, Call& call) {
    const auto offset = integer_arg(call, 2);
    if (!offset) return;
    if (*offset < 0) return call.reply.error(errors::kOffsetOutOfRange);

    const Key key = call.key(txn, 1);
    const std::string_view bytes = call.args[3];
    const auto length = length_of(txn, key);
    if (!length) return call.reply.error(errors::kWrongType);
    // Nothing to write: neither padding nor a new key.
    if (bytes.empty()) return call.reply.integer(static_cast<int64_t>(*length));
    const auto start = static_cast<size_t>(*offset);
    if (exceeds_limit(txn, call, start, bytes.size())) {
        return call.reply.error(errors::kStringTooLong);
    }
    call.reply.integer(static_cast<int64_t>(txn.overwrite_string(key, start, bytes)));
}

// Both ends belong to the range; negative ones count from the end. What lies outside is cut off,
// except that a last position before the beginning still gives the first byte, as Redis has it.
std::string_view slice(std::string_view text, int64_t first, int64_t last) {
    if (first < 0 && last < 0 && first > last) return {};
    const auto length = static_cast<int64_t>(text.size());
    if (first < 0) first = std::max<int64_t>(first + length, 0);
    if (last < 0) last = std::max<int64_t>(last + length, 0);
    last = std::min(last, length - 1);
    if (first > last) return {};
    return text.substr(static_cast<size_t>(first), static_cast<size_t>(last - first + 1));
}

void getrange(const ReadTxn& txn, Call& call) {
    const auto first = integer_arg(call, 2);
    if (!first) return;
    const auto last = integer_arg(call, 3);
    if (!last) return;
    const auto value = txn.find_string(call.key(txn, 1));
    if (!value) return call.reply.error(errors::kWrongType);
    call.reply.bulk(*value ? slice((*value)->text(), *first, *last) : std::string_view());
}

constexpr auto kStringRangeCommands = std::to_array<CommandSpec>({
    {"APPEND", 3, kDenyOom | kFast, {1, 1, 1}, WriteHandler{append}, "string"},
    {"GETRANGE", 4, 0, {1, 1, 1}, ReadHandler{getrange}, "string"},
    {"SETRANGE", 4, kDenyOom, {1, 1, 1}, WriteHandler{setrange}, "string"},
    {"STRLEN", 2, kFast, {1, 1, 1}, ReadHandler{strlen}, "string"},
    {"SUBSTR", 4, 0, {1, 1, 1}, ReadHandler{getrange}, "string"},
});

}  // namespace

std::span<const CommandSpec> string_range_commands() {
    return kStringRangeCommands;
}

}  // namespace tidemark::cmd
