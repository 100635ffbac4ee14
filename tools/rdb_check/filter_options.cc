#include "tools/rdb_check/filter_options.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "tools/rdb_check/filter_parser.h"

namespace tidemark::rdb_check {

namespace {

using Node = Filter::Node;

struct SimpleRow {
    const char* option;
    Field field;
    std::string FilterOptions::*text;
    const char* value;
    const char* help;
};

constexpr auto kSimple = std::to_array<SimpleRow>({
    {"--db", Field::kDb, &FilterOptions::db, "LIST", "databases: 0,3..5"},
    {"--type", Field::kType, &FilterOptions::type, "LIST",
     "string, list, set, zset, hash, stream, module"},
    {"--size", Field::kSize, &FilterOptions::size, "RANGE", "bytes in the dump: '>10k', 1k..1m"},
    {"--elements", Field::kElements, &FilterOptions::elements, "RANGE",
     "members, fields, entries; a string has 1"},
    {"--ttl", Field::kTtl, &FilterOptions::ttl, "RANGE",
     "none, any, expired, or what is left: '<60s', 1h..2d"},
    {"--idle", Field::kIdle, &FilterOptions::idle, "RANGE", "time since the last use: '>7d'"},
    {"--freq", Field::kFreq, &FilterOptions::freq, "RANGE", "LFU counter, 0 to 255"},
    {"--slot", Field::kSlot, &FilterOptions::slot, "LIST", "cluster slots: 0..8191,9000"},
});

Result<Node> named(const char* option, Result<Node> parsed) {
    if (parsed) return parsed;
    parsed.error().what = fmt::format("{}: {}", option, parsed.error().what);
    return parsed;
}

// One of the globs or of the regular expressions.
Result<Node> key_node(const FilterOptions& options) {
    Node any;
    any.kind = Node::Kind::kAny;
    for (const std::string& glob : options.keys)
        any.children.push_back(TM_TRY(named("--key", parse_option(Field::kKey, glob))));
    for (const std::string& regex : options.regexes)
        any.children.push_back(TM_TRY(named("--key-regex", parse_key_regex(regex))));
    return any;
}

}  // namespace

const char* const kFilterHelp =
    "Expressions: tests on db, type, key, size, elements, ttl, idle, freq and slot, joined by\n"
    "and, or, not and parentheses. = and != take lists and ranges (db=0,2 size=1k..1m), numbers\n"
    "also < <= > >=; key takes = (exact), ~ (glob) and =~ (regular expression):\n"
    "  --where \"type=hash and (key~'user:*' or ttl<60s) and not slot=0..8191\"";

void add_filter_options(tools::Options& app, FilterOptions& options) {
    constexpr const char* kGroup = "Which keys";
    // May be repeated, one value each: what follows is the file.
    const auto add_repeatable = [&](const char* name, std::vector<std::string>& values,
                                    const char* value, const char* help) {
        app.add(name, values, help).type_name(value).group(kGroup).one_value_each();
    };
    add_repeatable("--where", options.where, "EXPR", "an expression, see below");
    add_repeatable("--key", options.keys, "GLOB", "keys that this glob matches; may be repeated");
    add_repeatable("--key-regex", options.regexes, "REGEX",
                   "the same with a regular expression (PCRE)");
    for (const SimpleRow& row : kSimple) {
        app.add(row.option, options.*row.text, row.help)
            .type_name(row.value)
            .group(kGroup)
            .not_empty();
    }
    app.add("--now", options.now_s, "count ttl from this unix time instead of from now")
        .type_name("SECONDS")
        .group(kGroup);
    app.add_footer(kFilterHelp);
}

Result<Filter> make_filter(const FilterOptions& options, int64_t now_ms) {
    Filter filter;
    if (options.now_s && __builtin_mul_overflow(*options.now_s, 1000, &now_ms))
        return fail(ErrorCode::kInvalid, "--now: too large for a time in seconds");
    filter.set_now_ms(now_ms);
    if (options.ttl.starts_with('-') && options.ttl.find("..") == std::string::npos) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("--ttl: no key has {} left; say expired, or a range (-1h..0)",
                                options.ttl));
    }
    for (const SimpleRow& row : kSimple) {
        const std::string& text = options.*row.text;
        if (!text.empty()) filter.require(TM_TRY(named(row.option, parse_option(row.field, text))));
    }
    if (!options.keys.empty() || !options.regexes.empty())
        filter.require(TM_TRY(key_node(options)));
    for (const std::string& text : options.where)
        filter.require(TM_TRY(named("--where", parse_filter(text))));
    return filter;
}

}  // namespace tidemark::rdb_check
