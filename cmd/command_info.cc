#include "cmd/command_info.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "base/number.h"
#include "cmd/command_docs.h"
#include "cmd/parse_option.h"

namespace tidemark::cmd {

namespace {

struct FlagName {
    uint32_t flag;
    std::string_view name;
};

// In Redis's order; write and readonly come before. Redis has no name for what kProtected says.
constexpr FlagName kFlagNames[] = {
    {kDenyOom, "denyoom"},
    {kAdmin, "admin"},
    {kNoScript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kSkipSlowlog, "skip_slowlog"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kMayReplicate, "may_replicate"},
    {kNoAsyncLoading, "no_async_loading"},
    {kNoMulti, "no_multi"},
    {kAllowBusy, "allow_busy"},
    {kTouchesArbitraryKeys, "TOUCHES_ARBITRARY_KEYS"},
};

constexpr std::string_view kCategories[] = {
    "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
    "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
    "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting"};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        size_t end = std::min(text.find(separator), text.size());
        if (end != 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// DEBUG holds a read transaction for its own sake; for clients it is not a reader.
bool shows_as_read(const CommandSpec& spec) {
    return spec.is_read() && (spec.flags & kProtected) == 0;
}

bool is_in(const CommandSpec& spec, std::string_view category,
           const std::vector<std::string_view>& extra) {
    bool fast = (spec.flags & kFast) != 0;
    bool admin = (spec.flags & kAdmin) != 0;
    if (contains(extra, category)) return true;
    if (category == "write") return spec.is_write();
    if (category == "read") return shows_as_read(spec);
    if (category == "admin") return admin;
    if (category == "dangerous") return admin;
    if (category == "fast") return fast;
    if (category == "slow") return !fast;
    if (category == "blocking") return (spec.flags & kBlocking) != 0;
    return false;
}

void write_key_spec(resp::Reply& reply, const KeySpec& spec) {
    reply.map(3);
    reply.bulk("flags");
    reply.set(spec.flags.size());
    for (std::string_view flag : spec.flags) reply.simple(flag);
    reply.bulk("begin_search");
    reply.map(2);
    reply.bulk("type");
    reply.bulk("index");
    reply.bulk("spec");
    reply.map(1);
    reply.bulk("index");
    reply.integer(spec.first);
    reply.bulk("find_keys");
    reply.map(2);
    reply.bulk("type");
    reply.bulk("range");
    reply.bulk("spec");
    reply.map(3);
    reply.bulk("lastkey");
    reply.integer(spec.last);
    reply.bulk("keystep");
    reply.integer(spec.step);
    reply.bulk("limit");
    reply.integer(0);
}

int number(std::string_view word) {
    std::optional<int64_t> value = parse_int64(word);
    TM_ASSERT(value.has_value());
    return static_cast<int>(*value);
}

}  // namespace

std::vector<std::string_view> flag_names(const CommandSpec& spec) {
    std::vector<std::string_view> names;
    if (spec.is_write()) names.emplace_back("write");
    if (shows_as_read(spec)) names.emplace_back("readonly");
    for (const FlagName& row : kFlagNames) {
        if ((spec.flags & row.flag) != 0) names.push_back(row.name);
    }
    return names;
}

std::vector<std::string_view> category_names(const CommandSpec& spec) {
    std::vector<std::string_view> extra = split(spec.extra_categories, ' ');
    std::vector<std::string_view> names;
    for (std::string_view category : kCategories) {
        if (is_in(spec, category, extra)) names.push_back(category);
    }
    return names;
}

bool is_category(std::string_view name) {
    return std::any_of(std::begin(kCategories), std::end(kCategories), [&](std::string_view known) {
        return name.size() == known.size() &&
               std::equal(name.begin(), name.end(), known.begin(),
                          [](char sent, char c) { return (sent | 0x20) == c; });
    });
}

std::vector<KeySpec> key_specs(const CommandSpec& spec) {
    const CommandDoc* doc = find_doc(spec.name);
    std::vector<KeySpec> specs;
    if (doc == nullptr) return specs;
    for (std::string_view text : split(doc->keys, ';')) {
        std::vector<std::string_view> words = split(text, ' ');
        TM_ASSERT(words.size() >= 4);
        specs.push_back({number(words[0]),
                         number(words[1]),
                         number(words[2]),
                         {words.begin() + 3, words.end()}});
    }
    return specs;
}

void write_command_info(resp::Reply& reply, const CommandTable& table, const CommandSpec& spec) {
    const CommandDoc* doc = find_doc(spec.name);
    reply.array(10);
    reply.bulk(table.lower_name(spec));
    reply.integer(spec.arity);
    std::vector<std::string_view> flags = flag_names(spec);
    reply.set(flags.size());
    for (std::string_view flag : flags) reply.simple(flag);
    reply.integer(spec.keys.first);
    reply.integer(spec.keys.last);
    reply.integer(spec.keys.step);
    std::vector<std::string_view> categories = category_names(spec);
    reply.set(categories.size());
    for (std::string_view category : categories) reply.simple("@" + std::string(category));
    std::vector<std::string_view> tips = split(doc == nullptr ? "" : doc->tips, ' ');
    reply.set(tips.size());
    for (std::string_view tip : tips) reply.bulk(tip);
    std::vector<KeySpec> keys = key_specs(spec);
    reply.set(keys.size());
    for (const KeySpec& key : keys) write_key_spec(reply, key);
    std::vector<const CommandSpec*> subcommands = table.subcommands_of(spec);
    // A set when there are none and an array otherwise: so Redis sends it.
    if (subcommands.empty()) return reply.set(0);
    reply.array(subcommands.size());
    for (const CommandSpec* subcommand : subcommands) write_command_info(reply, table, *subcommand);
}

}  // namespace tidemark::cmd
