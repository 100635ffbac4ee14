#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/style/rules.h"

namespace tidemark::style {
namespace {

std::vector<Finding> includes_in(const char* path, const char* text) {
    return check_includes({path, text});
}

}  // namespace

TEST_CASE("style: this checkout keeps the rules") {
    const char* root = std::getenv("TIDEMARK_SOURCE");
    const std::vector<Source> sources = read_checkout(root ? root : ".");
    REQUIRE(sources.size() > 20);  // or we looked in the wrong place
    for (const Finding& finding : check_all(sources)) {
        CAPTURE(finding.path);
        CAPTURE(finding.line);
        FAIL_CHECK(finding.what);
    }
}

TEST_CASE("style/includes: a room is the longest folder that fits") {
    CHECK(room_of("engine/encoding/listpack.h") == "engine/encoding");
    CHECK(room_of("engine/encoding.h") == "engine");
    CHECK(room_of("aof/codec/seal.cc") == "aof/codec");
    CHECK(room_of("enginefoo/a.h").empty());
    CHECK(room_of("main.cc").empty());
}

TEST_CASE("style/includes: what the table allows passes") {
    CHECK(includes_in("aof/log.cc",
                      "#include \"aof/log.h\"\n#include \"aof/codec/seal.h\"\n"
                      "#include \"engine/commit_sink.h\"\n#include <string>\n")
              .empty());
    CHECK(includes_in("server/main.cc", "#include \"net/listener.h\"\n").empty());
    CHECK(includes_in("tests/aof/log_test.cc", "#include \"server/server.h\"\n").empty());
}

TEST_CASE("style/includes: what the table forbids is found, with its line") {
    const auto findings =
        includes_in("engine/txn.cc", "#include <string>\n#include \"aof/log.h\"\n");
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].line == 2);
    CHECK(findings[0].what == "engine may not include aof");
    CHECK(includes_in("cmd/get.cc", "#include \"net/connection.h\"\n").size() == 1);
    CHECK(includes_in("aof/codec/seal.cc", "#include \"aof/log.h\"\n").size() == 1);
    CHECK(includes_in("base/log.cc", "#include \"tests/support/temp_folder.h\"\n").size() == 1);
    CHECK(includes_in("server/main.cc", "#include \"tests/support/temp_folder.h\"\n").size() == 1);
}

TEST_CASE("style/includes: an include that is not written from the root is found") {
    CHECK(includes_in("aof/log.cc", "#include \"log.h\"\n").size() == 1);
    CHECK(includes_in("aof/log.cc", "#include \"../base/result.h\"\n").size() == 1);
}

TEST_CASE("style/headers: #pragma once comes before any other code") {
    CHECK(check_header({"base/a.h", "// What it is.\n\n#pragma once\n"}).empty());
    CHECK(check_header({"base/a.h", "#include <string>\n#pragma once\n"}).size() == 1);
    CHECK(check_header({"base/a.h", "// only a comment\n"}).size() == 1);
    CHECK(check_header({"base/a.cc", "int x;\n"}).empty());
}

TEST_CASE("style/files: a file that has grown too long is found") {
    CHECK(check_length({"base/a.cc", std::string(799, '\n')}).empty());
    CHECK(check_length({"base/a.cc", std::string(800, '\n')}).size() == 1);
    CHECK(check_length({"docs/a.md", std::string(800, '\n')}).empty());
}

TEST_CASE("style/words: notes to oneself and machine paths are found") {
    CHECK(check_words({"base/a.cc",
                       "// TO"
                       "DO later\n"})
              .size() == 1);
    CHECK(check_words({"base/a.cc",
                       "\nopen(\"/ro"
                       "ot/x\")\n"})
              .at(0)
              .line == 2);
    CHECK(check_words({"base/a.cc", "// to do it right\n"}).empty());
}

TEST_CASE("style/tools: printing past the tools' own door is found") {
    CHECK(check_printing({"tools/rdb_check/a.cc", "\nfmt::print(out, text);\n"}).at(0).line == 2);
    CHECK(check_printing({"tools/rdb_check/a.cc", "tools::print(out, text);\n"}).empty());
    CHECK(check_printing({"server/main.cc", "fmt::print(out, text);\n"}).empty());
}

TEST_CASE("style/tests: a test file that no build names is found") {
    const Source test{"tests/aof/seal_test.cc", ""};
    CHECK(check_tests_are_built({test, {"tests/aof/meson.build", "'seal_test.cc'"}}).empty());
    CHECK(check_tests_are_built({test, {"tests/aof/meson.build", "'log_test.cc'"}}).size() == 1);
    CHECK(check_tests_are_built({test, {"tests/io/meson.build", "'seal_test.cc'"}}).size() == 1);
}

}  // namespace tidemark::style
