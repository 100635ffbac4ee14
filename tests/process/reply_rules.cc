#include "tests/process/reply_rules.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "tests/process/differences.h"

namespace tidemark::test {

namespace {

// Between them lie the points in time that RandomCommands gives, and no distance from now.
constexpr int64_t kYear2103Ms = 4'200'000'000'000;
constexpr int64_t kYear2106Ms = 4'300'000'000'000;
constexpr int64_t kToleranceMs = 3'000;

std::string word(const Command& command, size_t index) {
    if (index >= command.size()) return {};
    std::string upper = command[index];
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return upper;
}

std::vector<Value> sorted(std::vector<Value> items) {
    std::sort(items.begin(), items.end(),
              [](const Value& a, const Value& b) { return a.text < b.text; });
    return items;
}

bool same_items_in_any_order(const Value& a, const Value& b) {
    return a.type == b.type && sorted(a.items) == sorted(b.items);
}

bool near(const Value& a, const Value& b, int64_t tolerance) {
    if (a.type != b.type) return false;
    const int64_t left = std::atoll(a.text.c_str());
    const int64_t right = std::atoll(b.text.c_str());
    if (left < 0 || right < 0) return left == right;
    return std::abs(left - right) <= tolerance;
}

// Only a walk that starts at 0 and asks for everything at once says the same on both; cursors are
// each server's own.
bool scans_agree(const Command& command, const Value& redis, const Value& ours) {
    if (redis.type != ours.type || redis.items.size() != 2 || ours.items.size() != 2) return false;
    const bool is_whole =
        command[1] == "0" && word(command, 2) == "COUNT" && command[3] == "100000";
    if (!is_whole) return redis.items[1].type == ours.items[1].type;
    return redis.items[0] == ours.items[0] &&
           same_items_in_any_order(redis.items[1], ours.items[1]);
}

bool same_shape(const Value& redis, const Value& ours) {
    return redis.type == ours.type && redis.items.size() == ours.items.size();
}

bool agree(const Command& command, const Value& redis, const Value& ours) {
    if (redis == ours) return true;
    if (redis.is_error() || ours.is_error()) return false;
    const std::string name = word(command, 0);
    if (name == "KEYS") return same_items_in_any_order(redis, ours);
    if (name == "SCAN") return scans_agree(command, redis, ours);
    if (name == "RANDOMKEY") return redis.type == ours.type;
    if (name == "HELLO") return same_shape(redis, ours);
    if (name == "CONFIG") return word(command, 2) == "*" && redis.type == ours.type;
    if (name == "PTTL") return near(redis, ours, kToleranceMs);
    if (name == "TTL" || name == "OBJECT") {
        return redis.type == ':' && near(redis, ours, kToleranceMs / 1000);
    }
    if (name == "PEXPIRETIME" || name == "EXPIRETIME") {
        const int64_t scale = name == "EXPIRETIME" ? 1000 : 1;
        return redis.type == ours.type && times_agree(std::atoll(redis.text.c_str()) * scale,
                                                      std::atoll(ours.text.c_str()) * scale);
    }
    return false;
}

}  // namespace

bool times_agree(int64_t redis_ms, int64_t ours_ms) {
    if (redis_ms == ours_ms) return true;
    if (redis_ms < 0 || ours_ms < 0) return false;
    if (redis_ms >= kYear2103Ms && redis_ms < kYear2106Ms) return false;
    return std::abs(redis_ms - ours_ms) <= kToleranceMs;
}

bool replies_agree(const Command& command, const std::vector<Command>& queued, const Value& redis,
                   const Value& ours) {
    const bool is_transaction = redis.type == '*' && word(command, 0) == "EXEC";
    if (!is_transaction) {
        return agree(command, redis, ours) || find_difference(command, redis, ours) != nullptr;
    }
    if (!same_shape(redis, ours) || redis.items.size() != queued.size()) return false;
    for (size_t i = 0; i < queued.size(); ++i) {
        if (!replies_agree(queued[i], {}, redis.items[i], ours.items[i])) return false;
    }
    return true;
}

}  // namespace tidemark::test
