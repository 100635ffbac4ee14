#include "base/glob.h"

#include <cctype>

namespace tidemark {

namespace {

unsigned char fold(char c, CaseRule rule) {
    const auto byte = static_cast<unsigned char>(c);
    return rule == CaseRule::kExact ? byte : static_cast<unsigned char>(std::tolower(byte));
}

// Matches one character against the class that starts behind '['; `at` is moved behind the class.
bool match_class(std::string_view pattern, size_t& at, char c, CaseRule rule) {
    const bool negated = at < pattern.size() && pattern[at] == '^';
    if (negated) ++at;
    const unsigned char wanted = fold(c, rule);
    bool matched = false;
    while (at < pattern.size() && pattern[at] != ']') {
        if (pattern[at] == '\\' && at + 1 < pattern.size()) {
            ++at;
            if (pattern[at] == c) matched = true;
            ++at;
        } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
            unsigned char low = fold(pattern[at], rule);
            unsigned char high = fold(pattern[at + 2], rule);
            if (low > high) std::swap(low, high);
            if (wanted >= low && wanted <= high) matched = true;
            at += 3;
        } else {
            if (fold(pattern[at], rule) == wanted) matched = true;
            ++at;
        }
    }
    if (at < pattern.size()) ++at;  // the closing bracket; a class without one ends the pattern
    return matched != negated;
}

// One pattern element other than '*' against one character.
bool match_one(std::string_view pattern, size_t& at, char c, CaseRule rule) {
    switch (pattern[at]) {
        case '?':
            ++at;
            return true;
        case '[':
            ++at;
            return match_class(pattern, at, c, rule);
        case '\\':
            if (at + 1 < pattern.size()) ++at;
            [[fallthrough]];
        default: {
            const bool same = fold(pattern[at], rule) == fold(c, rule);
            ++at;
            return same;
        }
    }
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text, CaseRule rule) {
    size_t at = 0;
    size_t from = 0;
    // Where to go back to: only the newest star matters, since an earlier one that took more could
    // not help a later star that can take anything.
    size_t star = std::string_view::npos;
    size_t star_from = 0;
    while (from < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = ++at;
            star_from = from;
            continue;
        }
        size_t next = at;
        if (at < pattern.size() && match_one(pattern, next, text[from], rule)) {
            at = next;
            ++from;
            continue;
        }
        if (star == std::string_view::npos) return false;
        at = star;
        from = ++star_from;
    }
    while (at < pattern.size() && pattern[at] == '*') ++at;
    return at == pattern.size();
}

}  // namespace tidemark
