// Walks over the keyspace: SCAN, KEYS, RANDOMKEY.
#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "base/glob.h"
#include "cmd/errors.h"
#include "cmd/groups.h"
#include "cmd/parse_integer.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

using engine::ReadTxn;

constexpr int64_t kScanCountDefault = 10;
// What one step may visit at most, whatever COUNT says; SCAN's promise allows less than asked.
constexpr int64_t kScanCountMax = 1'000'000;

struct ScanOptions {
    size_t count = kScanCountDefault;
    std::optional<std::string_view> pattern;
    std::optional<std::string_view> type;
};

bool is_everything(std::string_view pattern) {
    return pattern == "*";
}

// In Redis the empty key is matched by "*", which is not looked at closely, but by no other pattern
// of stars.
bool matches(std::string_view pattern, std::string_view name) {
    if (is_everything(pattern)) return true;
    return name.empty() ? pattern.empty() : glob_match(pattern, name);
}

// As strtoul reads it, which is what clients have come to rely on: empty is 0, a sign is allowed.
std::optional<uint64_t> parse_cursor(Call& call, size_t index) {
    const std::string text(call.args[index]);
    char* stop = nullptr;
    errno = 0;
    const uint64_t cursor = std::strtoul(text.c_str(), &stop, 10);
    if (std::isspace(static_cast<unsigned char>(text[0])) != 0 || *stop != '\0' ||
        errno == ERANGE) {
        call.reply.error(errors::kInvalidCursor);
        return std::nullopt;
    }
    return cursor;
}

std::optional<ScanOptions> parse_scan_options(Call& call) {
    ScanOptions options;
    for (size_t i = 2; i < call.args.size(); i += 2) {
        const std::string_view word = call.args[i];
        const bool has_value = i + 1 < call.args.size();
        if (has_value && is_option(word, "COUNT")) {
            const auto count = integer_arg(call, i + 1);
            if (!count) return std::nullopt;
            if (*count < 1) {
                call.reply.error(errors::kSyntax);
                return std::nullopt;
            }
            options.count = static_cast<size_t>(std::min(*count, kScanCountMax));
        } else if (has_value && is_option(word, "MATCH")) {
            options.pattern = call.args[i + 1];
        } else if (has_value && is_option(word, "TYPE")) {
            options.type = call.args[i + 1];
        } else {
            call.reply.error(errors::kSyntax);
            return std::nullopt;
        }
    }
    return options;
}

bool is_type(const engine::Entry& entry, std::string_view wanted) {
    const std::string_view name = engine::type_name(entry.type());
    return same_word(wanted.substr(0, wanted.find('\0')), name);
}

void reply_keys(resp::Reply& reply, const std::vector<std::string>& names) {
    reply.array(names.size());
    for (const std::string& name : names) reply.bulk(name);
}

void scan(const ReadTxn& txn, Call& call) {
    const auto cursor = parse_cursor(call, 1);
    if (!cursor) return;
    const auto options = parse_scan_options(call);
    if (!options) return;

    std::vector<std::string> names;
    const uint64_t next =
        txn.scan(*cursor, options->count, [&](std::string_view name, const engine::Entry& entry) {
            if (options->pattern && !matches(*options->pattern, name)) return;
            if (options->type && !is_type(entry, *options->type)) return;
            names.emplace_back(name);
        });
    call.reply.array(2);
    call.reply.bulk(std::to_string(next));
    reply_keys(call.reply, names);
}

void keys(const ReadTxn& txn, Call& call) {
    const std::string_view pattern = call.args[1];
    std::vector<std::string> names;
    txn.for_each_key([&](std::string_view name, const engine::Entry&) {
        if (matches(pattern, name)) names.emplace_back(name);
        return true;
    });
    reply_keys(call.reply, names);
}

void randomkey(const ReadTxn& txn, Call& call) {
    const auto name = txn.random_key();
    if (!name) return call.reply.null();
    call.reply.bulk(*name);
}

constexpr auto kScanCommands = std::to_array<CommandSpec>({
    {"KEYS", 2, 0, {}, ReadHandler{keys}, "keyspace dangerous"},
    {"RANDOMKEY", 1, kTouchesArbitraryKeys, {}, ReadHandler{randomkey}, "keyspace"},
    {"SCAN", -2, kTouchesArbitraryKeys, {}, ReadHandler{scan}, "keyspace"},
});

}  // namespace

std::span<const CommandSpec> scan_commands() {
    return kScanCommands;
}

}  // namespace tidemark::cmd
