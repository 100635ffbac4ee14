// COMMAND: the table of commands, told to clients.
#include <algorithm>
#include <array>
#include <vector>

#include "base/glob.h"
#include "cmd/command_docs.h"
#include "cmd/command_info.h"
#include "cmd/command_syntax.h"
#include "cmd/command_table.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/help.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

std::vector<const CommandSpec*> top_level(const CommandTable& table) {
    std::vector<const CommandSpec*> found;
    for (const CommandSpec& spec : table.specs()) {
        if (!table.is_subcommand(spec)) found.push_back(&spec);
    }
    return found;
}

void write_all(Call& call) {
    const CommandTable& table = call.server.commands();
    std::vector<const CommandSpec*> specs = top_level(table);
    call.reply.array(specs.size());
    for (const CommandSpec* spec : specs) write_command_info(call.reply, table, *spec);
}

void command(Call& call) {
    write_all(call);
}

void count(Call& call) {
    call.reply.integer(static_cast<int64_t>(call.server.commands().top_level_count()));
}

void info(Call& call) {
    if (call.args.size() == 2) return write_all(call);
    const CommandTable& table = call.server.commands();
    call.reply.array(call.args.size() - 2);
    for (std::string_view name : call.args.subspan(2)) {
        const CommandSpec* spec = table.find_name(name);
        if (spec == nullptr) {
            call.reply.null_array();
        } else {
            write_command_info(call.reply, table, *spec);
        }
    }
}

void write_docs(resp::Reply& reply, const CommandTable& table, const CommandSpec& spec) {
    const CommandDoc* doc = find_doc(spec.name);
    std::vector<SyntaxNode> arguments = parse_syntax(doc == nullptr ? "" : doc->syntax);
    std::vector<const CommandSpec*> subcommands = table.subcommands_of(spec);
    reply.bulk(table.lower_name(spec));
    reply.map((doc == nullptr ? 0U : 3U) + (arguments.empty() ? 0U : 1U) +
              (subcommands.empty() ? 0U : 1U));
    if (doc != nullptr) {
        reply.bulk("summary");
        reply.bulk(doc->summary);
        reply.bulk("since");
        reply.bulk(doc->since);
        reply.bulk("group");
        reply.bulk(doc->group);
    }
    if (!arguments.empty()) {
        reply.bulk("arguments");
        write_syntax(reply, arguments);
    }
    if (subcommands.empty()) return;
    reply.bulk("subcommands");
    reply.map(subcommands.size());
    for (const CommandSpec* subcommand : subcommands) write_docs(reply, table, *subcommand);
}

void docs(Call& call) {
    const CommandTable& table = call.server.commands();
    std::vector<const CommandSpec*> specs;
    if (call.args.size() == 2) specs = top_level(table);
    for (std::string_view name : call.args.subspan(2)) {
        if (const CommandSpec* spec = table.find_name(name)) specs.push_back(spec);
    }
    call.reply.map(specs.size());
    for (const CommandSpec* spec : specs) write_docs(call.reply, table, *spec);
}

enum class Filter : uint8_t { kNone, kModule, kCategory, kPattern };

bool passes(const CommandTable& table, const CommandSpec& spec, Filter filter,
            std::string_view value) {
    if (filter == Filter::kNone) return true;
    if (filter == Filter::kModule) return false;  // there are none
    if (filter == Filter::kPattern) {
        return glob_match(value, table.lower_name(spec), CaseRule::kIgnoreCase);
    }
    std::vector<std::string_view> categories = category_names(spec);
    return std::any_of(categories.begin(), categories.end(), [&](std::string_view category) {
        return glob_match(value, category, CaseRule::kIgnoreCase);
    });
}

void list(Call& call) {
    const CommandTable& table = call.server.commands();
    Filter filter = Filter::kNone;
    std::string_view value;
    if (call.args.size() == 5 && is_option(call.args[2], "FILTERBY")) {
        value = call.args[4];
        if (is_option(call.args[3], "MODULE")) filter = Filter::kModule;
        if (is_option(call.args[3], "PATTERN")) filter = Filter::kPattern;
        if (is_option(call.args[3], "ACLCAT")) {
            // A category is a name, not a pattern.
            filter = is_category(value) ? Filter::kCategory : Filter::kModule;
        }
        if (filter == Filter::kNone) return call.reply.error(errors::kSyntax);
    } else if (call.args.size() != 2) {
        return call.reply.error(errors::kSyntax);
    }
    std::vector<std::string_view> names;
    for (const CommandSpec& spec : table.specs()) {
        if (passes(table, spec, filter, value)) names.push_back(table.lower_name(spec));
    }
    call.reply.array(names.size());
    for (std::string_view name : names) call.reply.bulk(name);
}

struct FoundKey {
    std::string_view key;
    const KeySpec* spec;
};

// SET reads the old value only when asked to.
std::vector<std::string_view> flags_of_use(const KeySpec& spec, Args command) {
    auto is_variable = [](std::string_view flag) { return flag == "variable_flags"; };
    if (std::none_of(spec.flags.begin(), spec.flags.end(), is_variable)) return spec.flags;
    bool gets = std::any_of(command.begin() + 1, command.end(),
                            [](std::string_view arg) { return is_option(arg, "GET"); });
    if (gets) return {"RW", "access", "update"};
    return {"OW", "update"};
}

// The error, or nothing.
std::string_view find_keys(const CommandTable& table, Args command, std::vector<KeySpec>& specs,
                           std::vector<FoundKey>& keys) {
    CommandTable::Match match = table.find(command);
    if (match.outcome != Lookup::kFound) return errors::kInvalidCommandName;
    specs = key_specs(*match.spec);
    if (specs.empty()) return errors::kNoKeyArguments;
    if (!arity_fits(*match.spec, command.size())) return errors::kInvalidCommandArity;
    for (const KeySpec& spec : specs) {
        auto size = static_cast<int>(command.size());
        int last = spec.last < 0 ? size + spec.last : spec.first + spec.last;
        for (int i = spec.first; i <= last && i < size; i += spec.step) {
            keys.push_back({command[static_cast<size_t>(i)], &spec});
        }
    }
    return {};
}

void getkeys(Call& call) {
    std::vector<KeySpec> specs;
    std::vector<FoundKey> keys;
    std::string_view error = find_keys(call.server.commands(), call.args.subspan(2), specs, keys);
    if (!error.empty()) return call.reply.error(error);
    call.reply.array(keys.size());
    for (const FoundKey& key : keys) call.reply.bulk(key.key);
}

void getkeysandflags(Call& call) {
    std::vector<KeySpec> specs;
    std::vector<FoundKey> keys;
    Args command = call.args.subspan(2);
    std::string_view error = find_keys(call.server.commands(), command, specs, keys);
    if (!error.empty()) return call.reply.error(error);
    call.reply.array(keys.size());
    for (const FoundKey& key : keys) {
        call.reply.array(2);
        call.reply.bulk(key.key);
        std::vector<std::string_view> flags = flags_of_use(*key.spec, command);
        call.reply.set(flags.size());
        for (std::string_view flag : flags) call.reply.simple(flag);
    }
}

constexpr auto kHelp = std::to_array<std::string_view>({
    "(no subcommand)",
    "    The rows of all commands.",
    "COUNT",
    "    How many commands there are.",
    "DOCS [<command-name> ...]",
    "    What these commands, or all, do and take.",
    "GETKEYS <full-command>",
    "    The keys of a command with its arguments.",
    "GETKEYSANDFLAGS <full-command>",
    "    The same, with what happens to each of them.",
    "INFO [<command-name> ...]",
    "    The rows of these commands, or of all.",
    "LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <pattern>)]",
    "    The names of all commands, or of those that fit.",
});

void help(Call& call) {
    write_help(call.reply, "COMMAND", kHelp);
}

constexpr uint32_t kFlags = kLoading | kStale | kSentinel;

constexpr auto kCommandCommands = std::to_array<CommandSpec>({
    {"COMMAND", -1, kFlags, {}, SessionHandler{command}, "connection"},
    {"COMMAND|COUNT", 2, kFlags, {}, SessionHandler{count}, "connection"},
    {"COMMAND|DOCS", -2, kFlags, {}, SessionHandler{docs}, "connection"},
    {"COMMAND|GETKEYS", -3, kFlags, {}, SessionHandler{getkeys}, "connection"},
    {"COMMAND|GETKEYSANDFLAGS", -3, kFlags, {}, SessionHandler{getkeysandflags}, "connection"},
    {"COMMAND|HELP", 2, kFlags, {}, SessionHandler{help}, "connection"},
    {"COMMAND|INFO", -2, kFlags, {}, SessionHandler{info}, "connection"},
    {"COMMAND|LIST", -2, kFlags, {}, SessionHandler{list}, "connection"},
});

}  // namespace

std::span<const CommandSpec> command_commands() {
    return kCommandCommands;
}

}  // namespace tidemark::cmd
