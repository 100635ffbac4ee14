#include "tests/process/differences.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

namespace tidemark::test {

namespace {

bool starts_with(std::string_view text, std::string_view head) {
    return text.substr(0, head.size()) == head;
}

bool ends_with(std::string_view text, std::string_view tail) {
    return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

// Redis 7.0 does not know the command or subcommand at all.
bool redis_does_not_know(const Value& redis, const Value&) {
    return redis.is_error() && starts_with(redis.text, "ERR unknown ");
}

constexpr auto kDifferences = std::to_array<Difference>({
    {"OBJECT ENCODING",
     "INCRBYFLOAT stores a whole number as an integer, not as text: the log has it as SET, and a "
     "key is not to change its encoding by a restart",
     [](const Value& redis, const Value& ours) {
         return redis.text == "embstr" && ours.text == "int";
     }},
    {"OBJECT REFCOUNT",
     "no value is shared here, and small integers claim to be; Redis counts who else holds the "
     "object: a queued command, all other keys with that integer, but not those that COPY made",
     [](const Value& redis, const Value& ours) {
         return redis.type == ':' && (ours.text == "1" || ours.text == "2147483647");
     }},
    {"OBJECT IDLETIME",
     "keys that hold the same small integer share one object in Redis, and its idle time",
     [](const Value& redis, const Value& ours) { return redis.type == ':' && ours.type == ':'; }},
    {"WAIT", "a timeout that reaches past the end of time is refused, as since 7.2",
     [](const Value& redis, const Value& ours) {
         return redis.type == ':' && ours.text == "ERR timeout is out of range";
     }},
    {"CONFIG SET", "loglevel may be nothing, as since 7.2",
     [](const Value& redis, const Value& ours) { return ours.text == redis.text + ", nothing"; }},
    {"CONFIG SET", "the log is switched on or off at start only",
     [](const Value&, const Value& ours) {
         return ours.text ==
                "ERR CONFIG SET failed (possibly related to argument 'appendonly') - can't set "
                "immutable config";
     }},
    {"CONFIG SET", "there is one eviction policy so far, none",
     [](const Value& redis, const Value& ours) {
         return redis.is_error() && ours.is_error() && ends_with(ours.text, ": noeviction");
     }},
    {"COMMAND GETKEYS", "a command of one word may be asked for, as since 7.2",
     [](const Value& redis, const Value&) {
         return redis.text == "ERR wrong number of arguments for 'command|getkeys' command";
     }},
    {"CLIENT SETINFO", "since 7.2", redis_does_not_know},
    {"CLIENT NO-TOUCH", "since 7.2", redis_does_not_know},
    {"WAITAOF", "since 7.2", redis_does_not_know},
});

bool begins_with_words(const std::vector<std::string>& command, std::string_view words) {
    std::istringstream stream{std::string(words)};
    size_t at = 0;
    for (std::string word; stream >> word; ++at) {
        if (at == command.size()) return false;
        const bool same =
            std::equal(word.begin(), word.end(), command[at].begin(), command[at].end(),
                       [](char expected, char sent) {
                           return expected == std::toupper(static_cast<unsigned char>(sent));
                       });
        if (!same) return false;
    }
    return true;
}

}  // namespace

std::span<const Difference> argued_differences() {
    return kDifferences;
}

const Difference* find_difference(const std::vector<std::string>& command, const Value& redis,
                                  const Value& ours) {
    for (const Difference& row : kDifferences) {
        if (begins_with_words(command, row.command) && row.is_meant(redis, ours)) return &row;
    }
    return nullptr;
}

}  // namespace tidemark::test
