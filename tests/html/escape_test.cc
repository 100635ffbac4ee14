#include "tools/html/escape.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace tidemark::html {

namespace {

// What no text may bring into a page, in an element or between an attribute's quotes.
bool is_harmless(const std::string& html) {
    return html.find_first_of("<>\"'\n\r") == std::string::npos &&
           html.find('\0') == std::string::npos;
}

}  // namespace

TEST_CASE("html/escape: what HTML would act upon is text") {
    CHECK(escape("</script><b a=\"1\" c='2'>&amp;") ==
          "&lt;/script&gt;&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
}

TEST_CASE("html/escape: letters of any alphabet stay, undecodable bytes are shown as numbers") {
    CHECK(escape("ключ 鍵 🔑") == "ключ 鍵 🔑");
    CHECK(escape(std::string("a\0b", 3)) == "a\\x00b");
    CHECK(escape("\xff\xfe") == "\\xff\\xfe");
    CHECK(escape("\xc3") == "\\xc3");
    CHECK(escape("\xe2\x82") == "\\xe2\\x82");
}

TEST_CASE("html/escape: overlong forms, surrogates and numbers past the last character") {
    CHECK(escape("\xc0\xbc") == "\\xc0\\xbc");
    CHECK(escape("\xe0\x80\xbc") == "\\xe0\\x80\\xbc");
    CHECK(escape("\xed\xa0\x80") == "\\xed\\xa0\\x80");
    CHECK(escape("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
    CHECK(escape("\xf0\x8f\xbf\xbf") == "\\xf0\\x8f\\xbf\\xbf");
}

TEST_CASE("html/escape: characters that hide or rearrange their neighbours are shown") {
    CHECK(escape("a\xe2\x80\xae!") == "a\\xe2\\x80\\xae!");  // right-to-left override
    CHECK(escape("a\xe2\x80\x8b") == "a\\xe2\\x80\\x8b");    // zero width
    CHECK(escape("\t\n\x1b[31m\x7f") == "\\x09\\x0a\\x1b[31m\\x7f");
    CHECK(escape("\xc2\x85") == "\\xc2\\x85");  // C1
}

TEST_CASE("html/escape: random bytes never bring markup") {
    Random random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random.below(40), '\0');
        for (char& c : bytes) c = static_cast<char>(random.next());
        REQUIRE(is_harmless(escape(bytes)));
        REQUIRE(is_harmless(escape_cut(bytes, 10)));
    }
}

TEST_CASE("html/escape: a cut falls between two characters") {
    CHECK(escape_cut("abc", 3) == "abc");
    CHECK(escape_cut("abcd", 3) == "abc&hellip;");
    CHECK(escape_cut("ab\xd0\xba!", 3) == "ab&hellip;");
    CHECK(escape_cut(std::string(9, '\x80'), 6) == "\\x80\\x80\\x80&hellip;");
}

}  // namespace tidemark::html
