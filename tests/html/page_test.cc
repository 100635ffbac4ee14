#include "tools/html/page.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"
#include "tools/html/table.h"

namespace tidemark::html {

namespace {

std::string base64_of_hex(const std::string& hex) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        bits = bits << 8 | static_cast<uint32_t>(std::stoul(hex.substr(i, 2), nullptr, 16));
        for (have += 8; have >= 6; have -= 6) out += kDigits[bits >> (have - 6) & 63];
    }
    if (have > 0) out += kDigits[bits << (6 - have) & 63];
    while (out.size() % 4 != 0) out += '=';
    return out;
}

size_t count(const std::string& text, std::string_view part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST_CASE("html/page: the policy names the hash of the script that the page has") {
    const support::TempFolder folder;
    support::write_text_file(folder / "script", page_script());
    std::string output;
    support::run_program({"sha256sum", folder / "script"}, support::Milliseconds(10'000), &output);
    REQUIRE(output.size() > 64);
    const std::string expected = base64_of_hex(output.substr(0, 64));
    CHECK_MESSAGE(expected == page_script_sha256(), "the script's hash is now ", expected);
}

TEST_CASE("html/page: hostile titles, headings and cells stay text") {
    const std::string hostile = "</script></style><script>alert(1)</script>\"'>";
    Page page(hostile, hostile);
    page.figure(hostile, hostile);
    page.section(hostile);
    page.note(hostile);
    Table table({{hostile, Align::kLeft, hostile}});
    table.add({{hostile}});
    page.add(table.html());
    const std::string text = page.finish(hostile);
    CHECK(count(text, "<script") == 1);
    CHECK(count(text, "</script") == 1);
    CHECK(count(text, "</style") == 1);
    CHECK(count(text, "alert(1)") == 11);
    CHECK(count(text, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;") == 11);
}

TEST_CASE("html/page: asks for nothing outside of itself") {
    Page page("t", "s");
    page.section("h");
    const std::string text = page.finish("f");
    CHECK(count(text, "http:") + count(text, "https:") + count(text, "src=") == 0);
    CHECK(count(text, "<link") + count(text, "@import") + count(text, "url(") == 0);
    CHECK(count(text, "default-src 'none'") == 1);
}

TEST_CASE("html/page: sections and rows of figures are closed where the next thing begins") {
    Page page("t", "s");
    page.figure("1", "keys");
    page.figure("2", "dbs");
    page.section("one");
    for (const char* heading : {"two", "three", "four"}) page.half_section(heading);
    const std::string text = page.finish("f");
    CHECK(count(text, "<section") == 4);
    CHECK(count(text, "<section class=\"half\">") == 2);  // the third has nobody beside it
    CHECK(count(text, "</section>") == 4);
    CHECK(count(text, "<div class=\"figures\">") == 1);
    CHECK(count(text, "<div") == count(text, "</div>"));
}

}  // namespace tidemark::html
