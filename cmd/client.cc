// CLIENT, apart from KILL: what is known about connections, and what a connection may ask for
// itself.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/number.h"
#include "cmd/client_text.h"
#include "cmd/client_type.h"
#include "cmd/connection.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/help.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

void id(Call& call) {
    call.reply.integer(static_cast<int64_t>(call.session.id));
}

void getname(Call& call) {
    if (call.session.name.empty()) return call.reply.null();
    call.reply.bulk(call.session.name);
}

void setname(Call& call) {
    if (!is_printable_word(call.args[2])) return call.reply.error(errors::kBadClientName);
    call.session.name = call.args[2];
    call.reply.ok();
}

void setinfo(Call& call) {
    std::string_view attribute = call.args[2];
    std::string* field = nullptr;
    if (is_option(attribute, "LIB-NAME")) field = &call.session.lib_name;
    if (is_option(attribute, "LIB-VER")) field = &call.session.lib_version;
    if (field == nullptr) return call.reply.error(errors::unknown_client_info(attribute));
    if (!is_printable_word(call.args[3])) {
        return call.reply.error(errors::bad_client_info(attribute));
    }
    *field = call.args[3];
    call.reply.ok();
}

void info(Call& call) {
    call.reply.verbatim(client_line(call.server.view_of(call.session), call.server), "txt");
}

struct ListFilter {
    std::optional<ClientType> type;
    std::optional<std::vector<uint64_t>> ids;
};

// Empty: parsed. Otherwise the error.
std::string parse_list_filter(Args args, ListFilter& filter) {
    if (args.size() == 2) return {};
    if (args.size() == 4 && is_option(args[2], "TYPE")) {
        filter.type = parse_client_type(args[3]);
        return filter.type ? std::string() : errors::unknown_client_type(args[3]);
    }
    if (args.size() > 3 && is_option(args[2], "ID")) {
        filter.ids.emplace();
        for (std::string_view arg : args.subspan(3)) {
            std::optional<int64_t> number = parse_int64(arg);
            if (!number) return std::string(errors::kInvalidClientId);
            filter.ids->push_back(static_cast<uint64_t>(*number));
        }
        return {};
    }
    return std::string(errors::kSyntax);
}

void list(Call& call) {
    ListFilter filter;
    std::string error = parse_list_filter(call.args, filter);
    if (!error.empty()) return call.reply.error(error);

    std::string text;
    if (filter.ids) {
        // In the order asked for, as often as asked for.
        for (uint64_t wanted : *filter.ids) {
            call.server.for_each_client([&](const ClientView& view) {
                if (view.session->id == wanted) text += client_line(view, call.server);
            });
        }
    } else {
        call.server.for_each_client([&](const ClientView& view) {
            if (filter.type && *filter.type != client_type(*view.session)) return;
            text += client_line(view, call.server);
        });
    }
    call.reply.verbatim(text, "txt");
}

std::optional<bool> parse_on_off(Call& call) {
    if (is_option(call.args[2], "ON")) return true;
    if (is_option(call.args[2], "OFF")) return false;
    call.reply.error(errors::kSyntax);
    return std::nullopt;
}

void no_evict(Call& call) {
    std::optional<bool> on = parse_on_off(call);
    if (!on) return;
    call.session.no_evict = *on;
    call.reply.ok();
}

void no_touch(Call& call) {
    std::optional<bool> on = parse_on_off(call);
    if (!on) return;
    call.session.no_touch = *on;
    call.reply.ok();
}

void reply_mode(Call& call) {
    ReplyMode& mode = call.session.reply_mode;
    if (is_option(call.args[2], "ON")) {
        mode = ReplyMode::kOn;
        call.reply.ok();
    } else if (is_option(call.args[2], "OFF")) {
        mode = ReplyMode::kOff;
    } else if (is_option(call.args[2], "SKIP")) {
        if (mode != ReplyMode::kOff) mode = ReplyMode::kSkipNext;
    } else {
        call.reply.error(errors::kSyntax);
    }
}

// There is no tracking to be redirected.
void getredir(Call& call) {
    call.reply.integer(-1);
}

void trackinginfo(Call& call) {
    call.reply.map(3);
    call.reply.bulk("flags");
    call.reply.set(1);
    call.reply.bulk("off");
    call.reply.bulk("redirect");
    call.reply.integer(-1);
    call.reply.bulk("prefixes");
    call.reply.array(0);
}

constexpr auto kHelp = std::to_array<std::string_view>({
    "GETNAME",
    "    The name of this connection.",
    "GETREDIR",
    "    The client that invalidations go to: -1, nobody.",
    "ID",
    "    The id of this connection.",
    "INFO",
    "    What is known about this connection.",
    "KILL <ip:port>",
    "    Close the connection from <ip:port>.",
    "KILL <option> <value> [<option> <value> [...]]",
    "    Close the connections that fit all of the options:",
    "    * ADDR (<ip:port>|<unixsocket>:0)",
    "      The address they come from.",
    "    * ID <client-id>",
    "      Their id.",
    "    * LADDR (<ip:port>|<unixsocket>:0)",
    "      The address they came to.",
    "    * MAXAGE <seconds>",
    "      Open for at least that long.",
    "    * SKIPME (YES|NO)",
    "      Whether this connection is spared (default: yes).",
    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "      Their type.",
    "    * USER <username>",
    "      The user they are authenticated as.",
    "LIST [options ...]",
    "    What is known about all connections, or these:",
    "    * ID <client-id> [<client-id> ...]",
    "      With one of these ids.",
    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "      Of this type.",
    "NO-EVICT (ON|OFF)",
    "    Keep this connection when memory for clients runs out.",
    "NO-TOUCH (ON|OFF)",
    "    Commands of this connection do not count as use of a key.",
    "REPLY (ON|OFF|SKIP)",
    "    Whether this connection wants replies.",
    "SETINFO (LIB-NAME|LIB-VER) <value>",
    "    Name the client library of this connection, or its version.",
    "SETNAME <name>",
    "    Name this connection.",
    "TRACKINGINFO",
    "    Whether keys of this connection are tracked: they are not.",
});

void help(Call& call) {
    write_help(call.reply, "CLIENT", kHelp);
}

constexpr uint32_t kPlain = kNoScript | kLoading | kStale;
constexpr uint32_t kOwn = kPlain | kSentinel;

constexpr auto kClientCommands = std::to_array<CommandSpec>({
    {"CLIENT", -2, kSentinel, {}, SessionHandler{help}},
    {"CLIENT|GETNAME", 2, kOwn, {}, SessionHandler{getname}, "connection"},
    {"CLIENT|GETREDIR", 2, kOwn, {}, SessionHandler{getredir}, "connection"},
    {"CLIENT|HELP", 2, kLoading | kStale | kSentinel, {}, SessionHandler{help}, "connection"},
    {"CLIENT|ID", 2, kOwn, {}, SessionHandler{id}, "connection"},
    {"CLIENT|INFO", 2, kOwn, {}, SessionHandler{info}, "connection"},
    {"CLIENT|LIST", -2, kOwn | kAdmin, {}, SessionHandler{list}, "connection"},
    {"CLIENT|NO-EVICT", 3, kOwn | kAdmin, {}, SessionHandler{no_evict}, "connection"},
    {"CLIENT|NO-TOUCH", 3, kPlain, {}, SessionHandler{no_touch}, "connection"},
    {"CLIENT|REPLY", 3, kOwn, {}, SessionHandler{reply_mode}, "connection"},
    {"CLIENT|SETINFO", 4, kOwn, {}, SessionHandler{setinfo}, "connection"},
    {"CLIENT|SETNAME", 3, kOwn, {}, SessionHandler{setname}, "connection"},
    {"CLIENT|TRACKINGINFO", 2, kOwn, {}, SessionHandler{trackinginfo}, "connection"},
});

}  // namespace

std::span<const CommandSpec> client_commands() {
    return kClientCommands;
}

}  // namespace tidemark::cmd
