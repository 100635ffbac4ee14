#include "cmd/parse_integer.h"

#include <limits>

#include "base/number.h"

namespace tidemark::cmd {

std::optional<int64_t> integer_arg(Call& call, size_t index, std::string_view error) {
    const auto value = parse_int64(call.args[index]);
    if (!value) call.reply.error(error);
    return value;
}

std::optional<int64_t> integer_arg_between(Call& call, size_t index, int64_t min, int64_t max) {
    const auto value = integer_arg(call, index);
    if (!value || (*value >= min && *value <= max)) return value;
    call.reply.error(errors::not_in_range(min, max));
    return std::nullopt;
}

std::optional<int> int_arg(Call& call, size_t index, std::string_view error) {
    constexpr int64_t kMin = std::numeric_limits<int>::min();
    constexpr int64_t kMax = std::numeric_limits<int>::max();
    if (error.empty()) {
        const auto value = integer_arg_between(call, index, kMin, kMax);
        return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
    }
    const auto value = parse_int64(call.args[index]);
    if (value && *value >= kMin && *value <= kMax) return static_cast<int>(*value);
    call.reply.error(error);
    return std::nullopt;
}

std::optional<int64_t> timeout_ms_arg(Call& call, size_t index, int64_t now_ms) {
    const auto value = integer_arg(call, index, errors::kTimeoutNotInteger);
    if (!value) return std::nullopt;
    if (*value < 0) {
        call.reply.error(errors::kTimeoutNegative);
        return std::nullopt;
    }
    if (*value > std::numeric_limits<int64_t>::max() - now_ms) {
        call.reply.error(errors::kTimeoutOutOfRange);
        return std::nullopt;
    }
    return value;
}

std::optional<int> db_arg(Call& call, size_t index) {
    const auto db = int_arg(call, index);
    if (!db || (*db >= 0 && *db < call.server.keyspace().databases())) return db;
    call.reply.error(errors::kDbOutOfRange);
    return std::nullopt;
}

}  // namespace tidemark::cmd
