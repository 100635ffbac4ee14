#include "server/config_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/glob.h"
#include "base/quoted_words.h"
#include "server/config_rewrite.h"

namespace tidemark::server {

namespace {

std::string failed(std::string_view name, std::string_view why) {
    return fmt::format("ERR CONFIG SET failed (possibly related to argument '{}') - {}", name, why);
}

// A list comes as one argument with blanks inside, anything else as it is.
std::vector<std::string> words_of(const Directive& directive, std::string_view value) {
    const auto* custom = std::get_if<CustomKind>(&directive.kind);
    if (custom == nullptr || custom->shape == Shape::kSingle) return {std::string(value)};
    std::vector<std::string> words = split_words(value).value_or(std::vector<std::string>());
    if (words.empty()) words.emplace_back();
    return words;
}

}  // namespace

void ConfigStore::get(std::span<const std::string_view> patterns, resp::Reply& reply) const {
    struct Match {
        std::string_view name;
        const Directive* directive;
    };
    std::vector<Match> matches;
    for (const Directive& directive : all_directives()) {
        const auto wanted =
            std::find_if(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
                return glob_match(pattern, directive.name, CaseRule::kIgnoreCase);
            });
        if (wanted == patterns.end()) continue;
        // Asked for by its whole name it comes back in the case that was sent, as in Redis.
        matches.push_back(
            {find_directive(*wanted) == &directive ? *wanted : directive.name, &directive});
    }
    reply.map(matches.size());
    for (const Match& match : matches) {
        reply.bulk(match.name);
        reply.bulk(show_directive(*match.directive, config_));
    }
}

Refusal ConfigStore::parse(std::span<const std::string_view> pairs, std::vector<Pair>& changes,
                           Config& next) const {
    // Redis looks all names up before it looks at a value.
    for (size_t i = 0; i < pairs.size(); i += 2) {
        const Directive* directive = find_directive(pairs[i]);
        if (directive == nullptr) {
            // Shown up to a NUL, as C shows it.
            return fmt::format("ERR Unknown option or number of arguments for CONFIG SET - '{}'",
                               pairs[i].substr(0, pairs[i].find('\0')));
        }
        if (directive->change == server::Change::kAtStart) {
            return failed(directive->name, "can't set immutable config");
        }
        if (directive->change == server::Change::kProtected) {
            return failed(directive->name, "can't set protected config");
        }
        bool twice = std::any_of(changes.begin(), changes.end(),
                                 [&](const Pair& change) { return change.directive == directive; });
        if (twice) return failed(directive->name, "duplicate parameter");
        changes.push_back({directive, pairs[i + 1]});
    }
    for (const Pair& change : changes) {
        std::vector<std::string> words = words_of(*change.directive, change.value);
        if (Refusal refusal = set_directive(*change.directive, next, words)) {
            return failed(change.directive->name, *refusal);
        }
    }
    return std::nullopt;
}

Refusal ConfigStore::apply(const std::vector<Pair>& changes, Config next) {
    Config previous = std::exchange(config_, std::move(next));
    if (!apply_) return std::nullopt;
    std::vector<std::string_view> applied;
    for (const Pair& change : changes) {
        const Directive& directive = *change.directive;
        if (show_directive(directive, config_) == show_directive(directive, previous)) continue;
        applied.push_back(directive.name);
        Refusal refusal = apply_(directive.name);
        if (!refusal) continue;
        config_ = std::move(previous);
        // They were in force a moment ago, so there is nobody left to refuse them.
        for (std::string_view name : applied) apply_(name);
        return failed(directive.name, *refusal);
    }
    return std::nullopt;
}

void ConfigStore::set(std::span<const std::string_view> pairs, resp::Reply& reply) {
    std::vector<Pair> changes;
    Config next = config_;
    if (Refusal refusal = parse(pairs, changes, next)) return reply.error(*refusal);
    if (Refusal refusal = apply(changes, std::move(next))) return reply.error(*refusal);
    reply.ok();
}

void ConfigStore::rewrite(io::Disk& disk, resp::Reply& reply) const {
    if (file_.empty()) return reply.error("ERR The server is running without a config file");
    Status status = rewrite_config(disk, file_, config_);
    if (!status) {
        return reply.error(fmt::format("ERR Rewriting config file: {}", status.error().what));
    }
    reply.ok();
}

}  // namespace tidemark::server
