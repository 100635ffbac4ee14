// CLIENT KILL, in its old form (an address) and its new one (filters).
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/number.h"
#include "cmd/client_type.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

enum class SkipMe : uint8_t { kYes, kNo };

struct KillFilter {
    std::optional<uint64_t> id;
    std::optional<ClientType> type;
    std::optional<std::string_view> address;
    std::optional<std::string_view> local_address;
    std::optional<std::string_view> user;
    std::optional<int64_t> max_age_s;
    SkipMe skip_me = SkipMe::kYes;
};

// Empty: parsed. Otherwise the error.
std::string parse_option(std::string_view name, std::string_view value, KillFilter& filter) {
    if (is_option(name, "ID")) {
        std::optional<int64_t> id = parse_int64(value);
        if (!id || *id < 1) return std::string(errors::kClientIdNotPositive);
        filter.id = static_cast<uint64_t>(*id);
    } else if (is_option(name, "MAXAGE")) {
        filter.max_age_s = parse_int64(value);
        if (!filter.max_age_s) return std::string(errors::kMaxAgeNotInteger);
        if (*filter.max_age_s <= 0) return std::string(errors::kMaxAgeNotPositive);
    } else if (is_option(name, "TYPE")) {
        filter.type = parse_client_type(value);
        if (!filter.type) return errors::unknown_client_type(value);
    } else if (is_option(name, "ADDR")) {
        filter.address = value;
    } else if (is_option(name, "LADDR")) {
        filter.local_address = value;
    } else if (is_option(name, "USER")) {
        if (value != "default") return errors::no_such_user(value);
        filter.user = value;
    } else if (is_option(name, "SKIPME") && is_option(value, "YES")) {
        filter.skip_me = SkipMe::kYes;
    } else if (is_option(name, "SKIPME") && is_option(value, "NO")) {
        filter.skip_me = SkipMe::kNo;
    } else {
        return std::string(errors::kSyntax);
    }
    return {};
}

std::string parse_filter(Args args, KillFilter& filter) {
    if (args.size() == 3) {
        filter.address = args[2];
        filter.skip_me = SkipMe::kNo;
        return {};
    }
    for (size_t i = 2; i < args.size(); i += 2) {
        if (i + 1 == args.size()) return std::string(errors::kSyntax);
        std::string error = parse_option(args[i], args[i + 1], filter);
        if (!error.empty()) return error;
    }
    return {};
}

bool fits(const KillFilter& filter, const Session& session, int64_t now_us) {
    if (filter.id && session.id != *filter.id) return false;
    if (filter.type && client_type(session) != *filter.type) return false;
    if (filter.address && session.address != *filter.address) return false;
    if (filter.local_address && session.local_address != *filter.local_address) return false;
    if (filter.user && !session.authenticated) return false;
    int64_t age_s = (now_us - session.created_us) / kMicrosPerSecond;
    return !filter.max_age_s || age_s >= *filter.max_age_s;
}

void kill(Call& call) {
    KillFilter filter;
    std::string error = parse_filter(call.args, filter);
    if (!error.empty()) return call.reply.error(error);

    std::vector<uint64_t> victims;
    call.server.for_each_client([&](const ClientView& view) {
        const Session& session = *view.session;
        if (filter.skip_me == SkipMe::kYes && &session == &call.session) return;
        if (fits(filter, session, call.server.monotonic_us())) victims.push_back(session.id);
    });
    // Closing changes the list that was just walked, so it comes after.
    auto killed = std::count_if(victims.begin(), victims.end(), [&](uint64_t id) {
        return call.server.kill_client(id, call.session);
    });
    if (call.args.size() > 3) return call.reply.integer(killed);
    if (killed == 0) return call.reply.error(errors::kNoSuchClient);
    call.reply.ok();
}

constexpr auto kClientKillCommands = std::to_array<CommandSpec>({
    {"CLIENT|KILL",
     -3,
     kAdmin | kNoScript | kLoading | kStale | kSentinel,
     {},
     SessionHandler{kill},
     "connection"},
});

}  // namespace

std::span<const CommandSpec> client_kill_commands() {
    return kClientKillCommands;
}

}  // namespace tidemark::cmd
