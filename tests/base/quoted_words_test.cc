#include "base/quoted_words.h"

#include <doctest/doctest.h>

using tidemark::split_words;
using Words = std::vector<std::string>;

TEST_CASE("base/quoted_words: blanks separate, and a line of blanks has no words") {
    CHECK(split_words(" a\tb \v c\r\n") == Words{"a", "b", "c"});
    CHECK(split_words("a\vb") == Words{"a\vb"});
    CHECK(split_words(" \t\v\f\r\n") == Words{});
    CHECK(split_words("") == Words{});
}

TEST_CASE("base/quoted_words: double quotes know escapes, single quotes only their own") {
    CHECK(split_words(R"("a b" 'c d' "")") == Words{"a b", "c d", ""});
    CHECK(split_words(R"("\n\r\t\b\a\x41\"\\\q")") == Words{"\n\r\t\b\aA\"\\q"});
    CHECK(split_words(R"('\n\'\x41')") == Words{"\\n'\\x41"});
    CHECK(split_words(R"("\xzz\x4")") == Words{"xzzx4"});
    CHECK(split_words(R"(pre"quoted")") == Words{"prequoted"});
}

TEST_CASE("base/quoted_words: quotes that do not close or do not end their word are refused") {
    for (const char* line :
         {R"(")", R"(')", R"("a)", R"('a\')", R"("a\)", R"("a"b)", R"('a'"b")"}) {
        CAPTURE(line);
        CHECK_FALSE(split_words(line).has_value());
    }
}
