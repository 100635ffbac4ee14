#include "base/glob.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using tidemark::CaseRule;
using tidemark::glob_match;

TEST_CASE("base/glob: what redis-server's KEYS answers for each pair") {
    struct Row {
        const char* pattern;
        const char* text;
        bool matches;
    };
    const Row rows[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything", true},
        {"**", "x", true},
        {"a*", "a", true},
        {"a*c", "abbbc", true},
        {"a*c", "abbb", false},
        {"*a*b*", "xxaxxbxx", true},
        {"?", "a", true},
        {"?", "", false},
        {"??", "a", false},
        {"h[ae]llo", "hello", true},
        {"h[ae]llo", "hillo", false},
        {"h[^e]llo", "hallo", true},
        {"h[^e]llo", "hello", false},
        {"h[a-c]llo", "hbllo", true},
        {"h[c-a]llo", "hbllo", true},
        {"[", "[", false},
        {"[^", "x", true},
        {"[]", "]", false},
        {"[^]", "x", true},
        {"[abc", "b", true},
        {"[a-]", "]", true},
        {"[\\]]", "]", true},
        {"[\\^a]", "^", true},
        {"\\*", "*", true},
        {"\\*", "x", false},
        {"\\", "\\", true},
        {"a\\", "a\\", true},
        {"a\\b", "ab", true},
        {"A", "a", false},
        {"[A]", "a", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.pattern);
        CAPTURE(row.text);
        CHECK(glob_match(row.pattern, row.text) == row.matches);
    }
}

TEST_CASE("base/glob: case can be ignored, in classes and ranges too") {
    CHECK(glob_match("MaxMem*", "maxmemory", CaseRule::kIgnoreCase));
    CHECK(glob_match("[A-C]x", "bX", CaseRule::kIgnoreCase));
    CHECK(glob_match("[ABC]x", "bX", CaseRule::kIgnoreCase));
    CHECK_FALSE(glob_match("[A-C]x", "dX", CaseRule::kIgnoreCase));
}

TEST_CASE("base/glob: bytes above 127 and NUL are ordinary") {
    CHECK(glob_match("\xff*", "\xff\xfe"));
    CHECK(glob_match("[\xf0-\xff]", "\xf8"));
    CHECK(glob_match(std::string("a\0*", 3), std::string("a\0b", 3)));
}

TEST_CASE("base/glob: many stars do not take exponential time") {
    std::string pattern;
    for (int i = 0; i < 50; ++i) pattern += "a*";
    pattern += "b";
    const std::string text(10'000, 'a');
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(glob_match(pattern, text));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}
