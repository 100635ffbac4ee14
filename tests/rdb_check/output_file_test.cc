#include "tools/common/output_file.h"

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

namespace tidemark::tools {
namespace {

using support::files_below;
using support::read_text_file;
using support::TempFolder;
using support::write_text_file;

TEST_CASE("rdb_check/output_file: nothing is left of a file that was not committed") {
    const TempFolder folder;
    {
        auto file = OutputFile::create(folder / "out", IfExists::kRefuse);
        REQUIRE(file);
        CHECK((*file)->write(std::string(3'000'000, 'x')));
        CHECK_FALSE(files_below(folder.path()).empty());
    }
    CHECK(files_below(folder.path()).empty());
}

TEST_CASE("rdb_check/output_file: small and large writes arrive in order") {
    const TempFolder folder;
    auto file = OutputFile::create(folder / "out", IfExists::kRefuse);
    REQUIRE(file);
    std::string expected;
    for (const size_t size : {size_t{3}, size_t{2'000'000}, size_t{5}, size_t{1'048'576}}) {
        const std::string bytes(size, static_cast<char>('a' + expected.size() % 26));
        CHECK((*file)->write(bytes));
        expected += bytes;
    }
    CHECK((*file)->write_at("ZZZ", 1));
    expected.replace(1, 3, "ZZZ");
    CHECK((*file)->size() == expected.size());
    CHECK((*file)->commit());
    CHECK(read_text_file(folder / "out") == expected);
    CHECK(files_below(folder.path()) == std::vector<std::string>{"out"});
}

TEST_CASE("rdb_check/output_file: what is there is refused, replaced, or kept as a backup") {
    const TempFolder folder;
    write_text_file(folder / "out", "old");
    CHECK(OutputFile::create(folder / "out", IfExists::kRefuse).error().code == ErrorCode::kExists);
    for (const std::string text : {"one", "two"}) {
        auto file = OutputFile::create(folder / "out", IfExists::kKeepBackup);
        REQUIRE(file);
        CHECK((*file)->write(text));
        CHECK((*file)->commit());
    }
    CHECK(read_text_file(folder / "out") == "two");
    CHECK(read_text_file(folder / "out.bak") == "old");
    CHECK(read_text_file(folder / "out.bak.1") == "one");
}

TEST_CASE("rdb_check/output_file: one that came into being meanwhile is not replaced") {
    const TempFolder folder;
    auto file = OutputFile::create(folder / "out", IfExists::kRefuse);
    REQUIRE(file);
    write_text_file(folder / "out", "somebody else's");
    CHECK((*file)->commit().error().code == ErrorCode::kExists);
    CHECK(read_text_file(folder / "out") == "somebody else's");
}

TEST_CASE("rdb_check/output_file: a folder and a missing folder are refused") {
    const TempFolder folder;
    CHECK_FALSE(OutputFile::create(folder.path(), IfExists::kReplace));
    CHECK(OutputFile::create(folder / "no/out", IfExists::kRefuse).error().code ==
          ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tidemark::tools
