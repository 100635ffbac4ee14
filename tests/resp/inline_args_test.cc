#include "resp/inline_args.h"

#include <doctest/doctest.h>

#include <optional>

using namespace tidemark::resp;

namespace {

using Words = std::vector<std::string>;

std::optional<Words> split(std::string_view line) {
    std::vector<std::string_view> args;
    std::deque<std::string> unquoted;
    if (!split_inline(line, args, unquoted)) return std::nullopt;
    return Words(args.begin(), args.end());
}

}  // namespace

TEST_CASE("resp/inline: words are split at any run of blanks") {
    CHECK(split("") == Words{});
    CHECK(split("  \t ") == Words{});
    CHECK(split("PING") == Words{"PING"});
    CHECK(split("  SET\tk  v ") == Words{"SET", "k", "v"});
    CHECK(split("PING a\rb") == Words{"PING", "a", "b"});
    CHECK(split("PING \va\vb") == Words{"PING", "a\vb"});
}

TEST_CASE("resp/inline: double quotes understand escapes, single quotes only their own") {
    CHECK(split(R"(PING "a b")") == Words{"PING", "a b"});
    CHECK(split(R"(PING "\x41\n\r\t\b\a\q\\\"")") == Words{"PING", "A\n\r\t\b\aq\\\""});
    CHECK(split(R"(PING "\x4")") == Words{"PING", "x4"});
    CHECK(split(R"(PING 'a\'b\n')") == Words{"PING", "a'b\\n"});
    CHECK(split(R"(PING "" '')") == Words{"PING", "", ""});
    CHECK(split(R"(PING a"b c")") == Words{"PING", "ab c"});
}

TEST_CASE("resp/inline: an open quote, or text behind a closed one, is refused") {
    CHECK_FALSE(split(R"(PING "a)"));
    CHECK_FALSE(split(R"(PING 'a)"));
    CHECK_FALSE(split(R"(PING "a\)"));
    CHECK_FALSE(split(R"(PING "a"b)"));
    CHECK_FALSE(split(R"(PING a"b"c)"));
    CHECK_FALSE(split(R"(PING 'a'b)"));
}

TEST_CASE("resp/inline: a refused line leaves no arguments behind") {
    std::vector<std::string_view> args{"before"};
    std::deque<std::string> unquoted;
    CHECK_FALSE(split_inline("a b \"c", args, unquoted));
    CHECK(args == std::vector<std::string_view>{"before"});
}
