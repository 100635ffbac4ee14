// The page in a real browser, where there is one: Debian's chromium, without a window.
#include <doctest/doctest.h>

#include "tests/rdb/dump.h"
#include "tests/rdb_check/run.h"
#include "tests/rdb_report/records.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace tidemark::rdb_report {

namespace {

using support::TempFolder;

// The document as it is after the page's script has run; empty without a browser.
std::string document_after_scripts(const std::string& page, const TempFolder& folder) {
    std::string output;
    const std::vector<std::string> args = {"chromium",
                                           "--headless",
                                           "--no-sandbox",
                                           "--disable-gpu",
                                           "--disable-quic",
                                           "--no-first-run",
                                           "--disable-background-networking",
                                           "--disable-component-update",
                                           "--disable-sync",
                                           "--user-data-dir=" + (folder / "browser"),
                                           "--dump-dom",
                                           "file://" + page};
    const auto status = support::run_program(args, support::Milliseconds(60'000), &output);
    return status.code == 0 ? output : "";
}

}  // namespace

TEST_CASE("rdb_report/browser: the page's script runs, and none that a key brings") {
    const TempFolder folder;
    const std::string hostile =
        "<img src=x onerror=\"document.title='pwned'\">"
        "<script>document.title='pwned'</script>\"'>:k";
    support::write_text_file(folder / "dump.rdb", rdb::dump(string_record(hostile, "hello") +
                                                            string_record("a:b", "v")));
    REQUIRE(
        tools::run_rdb_check({"report", "--html", folder / "r.html", folder / "dump.rdb"}).exit ==
        0);
    const std::string document = document_after_scripts(folder / "r.html", folder);
    if (document.empty()) {
        MESSAGE("skipped: no chromium that works here");
        return;
    }
    CHECK(count(document, "tabindex=\"0\"") > 0);  // set by the script
    CHECK(count(document, "<title>dump.rdb</title>") == 1);
    CHECK(count(document, "<img") == 0);
}

}  // namespace tidemark::rdb_report
