// Expiry options of SET and GETEX, and the expire argument that they share with SETEX and PSETEX.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cmd/command.h"

namespace tidemark::cmd {

enum class TimeUnit : uint8_t { kSeconds, kMilliseconds };
enum class TimeBase : uint8_t { kNow, kEpoch };  // relative, or a point in time

struct TimeForm {
    TimeUnit unit = TimeUnit::kSeconds;
    TimeBase base = TimeBase::kNow;
};

// What follows the fixed arguments of SET or GETEX.
struct StringOptions {
    enum class Condition : uint8_t { kAlways, kIfMissing, kIfExists };
    Condition condition = Condition::kAlways;
    bool get = false;
    bool keep_ttl = false;
    bool persist = false;
    size_t expire_index = 0;  // argument with the time; 0: none
    TimeForm expire_form;
};

enum class OptionSet : uint8_t { kSet, kGetex };

// Answers with a syntax error and returns nothing when the options do not go together.
std::optional<StringOptions> parse_string_options(Call& call, size_t first, OptionSet allowed);

// The time in argument `index` as unix milliseconds. Zero, negative and overflowing times are
// refused with "invalid expire time in '<command>' command".
std::optional<int64_t> expire_arg(Call& call, size_t index, TimeForm form, int64_t now_ms,
                                  std::string_view command);

// Whether setting this expiry deletes the key at once. Never during replay of a log, where the
// recorded DEL decides.
inline bool is_already_expired(const engine::ReadTxn& txn, int64_t at_ms) {
    return at_ms <= txn.now_ms() && !txn.keyspace().replaying();
}

}  // namespace tidemark::cmd
