// PING, ECHO, SELECT, QUIT, RESET, HELLO, AUTH. CLIENT is in client.cc.
#include "cmd/connection.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/number.h"
#include "base/version.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_integer.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

constexpr std::string_view kDefaultUser = "default";

void ping(Call& call) {
    if (call.args.size() > 2) return call.reply.error(errors::wrong_arity("ping"));
    if (call.args.size() == 1) return call.reply.simple("PONG");
    call.reply.bulk(call.args[1]);
}

void echo(Call& call) {
    call.reply.bulk(call.args[1]);
}

void select_db(Call& call) {
    std::optional<int> db = db_arg(call, 1);
    if (!db) return;
    call.session.db = *db;
    call.reply.ok();
}

void quit(Call& call) {
    call.session.close_after_reply = true;
    call.reply.ok();
}

void reset(Call& call) {
    reset_session(call.session, call.server, call.reply);
    call.reply.simple("RESET");
}

void auth(Call& call) {
    if (call.args.size() > 3) return call.reply.error(errors::kSyntax);
    if (call.args.size() == 2 && call.server.required_password().empty()) {
        return call.reply.error(errors::kNoPasswordSet);
    }
    std::string_view user = call.args.size() == 3 ? call.args[1] : kDefaultUser;
    if (!credentials_match(call.server, user, call.args.back())) {
        return call.reply.error(errors::kWrongPassword);
    }
    call.session.authenticated = true;
    call.reply.ok();
}

struct HelloOptions {
    std::optional<int64_t> protocol;
    std::optional<std::array<std::string_view, 2>> credentials;
    std::optional<std::string_view> name;
};

// Empty: parsed. Otherwise the error. Nothing is changed until all of it was understood.
std::string parse_hello(Args args, HelloOptions& options) {
    if (args.size() < 2) return {};
    options.protocol = parse_int64(args[1]);
    if (!options.protocol) return std::string(errors::kProtocolNotInteger);
    if (*options.protocol < 2 || *options.protocol > 3) return std::string(errors::kNoProtocol);
    for (size_t i = 2; i < args.size();) {
        size_t left = args.size() - i - 1;
        if (is_option(args[i], "AUTH") && left >= 2) {
            options.credentials = {args[i + 1], args[i + 2]};
            i += 3;
        } else if (is_option(args[i], "SETNAME") && left >= 1) {
            if (!is_printable_word(args[i + 1])) return std::string(errors::kBadClientName);
            options.name = args[i + 1];
            i += 2;
        } else {
            return errors::hello_option(args[i]);
        }
    }
    return {};
}

void write_hello(Call& call) {
    call.reply.map(7);
    call.reply.bulk("server");
    call.reply.bulk("redis");
    call.reply.bulk("version");
    call.reply.bulk(kRedisVersion);
    call.reply.bulk("proto");
    call.reply.integer(static_cast<int64_t>(call.session.protocol));
    call.reply.bulk("id");
    call.reply.integer(static_cast<int64_t>(call.session.id));
    call.reply.bulk("mode");
    call.reply.bulk("standalone");
    call.reply.bulk("role");
    call.reply.bulk("master");
    call.reply.bulk("modules");
    call.reply.array(0);
}

void hello(Call& call) {
    HelloOptions options;
    std::string error = parse_hello(call.args, options);
    if (!error.empty()) return call.reply.error(error);

    Session& session = call.session;
    if (options.credentials) {
        const auto& [user, password] = *options.credentials;
        if (!credentials_match(call.server, user, password)) {
            return call.reply.error(errors::kWrongPassword);
        }
        session.authenticated = true;
    }
    if (!session.authenticated && !call.server.required_password().empty()) {
        return call.reply.error(errors::kHelloNeedsAuth);
    }
    if (options.name) session.name = *options.name;
    if (options.protocol) {
        session.protocol = static_cast<resp::Protocol>(*options.protocol);
        call.reply.set_protocol(session.protocol);
    }
    write_hello(call);
}

constexpr uint32_t kAnyTime = kLoading | kStale;
constexpr uint32_t kBeforeAuth = kAnyTime | kNoScript | kFast | kNoAuth | kAllowBusy;

constexpr auto kCommands = std::to_array<CommandSpec>({
    {"AUTH", -2, kBeforeAuth | kSentinel, {}, SessionHandler{auth}, "connection"},
    {"ECHO", 2, kAnyTime | kFast, {}, SessionHandler{echo}, "connection"},
    {"HELLO", -1, kBeforeAuth | kSentinel, {}, SessionHandler{hello}, "connection"},
    {"PING", -1, kFast | kSentinel, {}, SessionHandler{ping}, "connection"},
    {"QUIT", -1, kBeforeAuth, {}, SessionHandler{quit}, "connection"},
    {"RESET", 1, kBeforeAuth, {}, SessionHandler{reset}, "connection"},
    {"SELECT", 2, kAnyTime | kFast, {}, SessionHandler{select_db}, "connection"},
});

}  // namespace

bool credentials_match(const ServerControl& server, std::string_view user,
                       std::string_view password) {
    std::string_view required = server.required_password();
    if (user != kDefaultUser) return false;
    if (required.empty()) return true;
    // The length of the password leaks, its content does not.
    unsigned difference = required.size() == password.size() ? 0U : 1U;
    for (size_t i = 0; i < required.size(); ++i) {
        char sent = i < password.size() ? password[i] : '\0';
        difference |= static_cast<unsigned char>(sent ^ required[i]);
    }
    return difference == 0;
}

bool is_printable_word(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

void reset_session(Session& session, ServerControl& server, resp::Reply& reply) {
    server.keyspace().watches().unwatch(session.watcher);
    session.watcher.dirty = false;
    session.multi = {};
    session.db = 0;
    session.protocol = resp::Protocol::kResp2;
    reply.set_protocol(session.protocol);
    session.authenticated = server.required_password().empty();
    session.no_evict = false;
    session.no_touch = false;
    session.reply_mode = ReplyMode::kOn;
    session.name.clear();
}

std::span<const CommandSpec> connection_commands() {
    return kCommands;
}

}  // namespace tidemark::cmd
