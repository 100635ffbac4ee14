#include "tools/rdb_check/compat.h"

#include <doctest/doctest.h>

#include "tests/rdb/dump.h"
#include "tests/rdb_check/run.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace tidemark::rdb_check {
namespace {

using rdb::operator""_b;
using support::TempFolder;
using support::write_text_file;

tools::ToolRun run_compat(const std::vector<std::string>& args) {
    tools::TextFile out;
    tools::TextFile err;
    const tools::NoStop stop;
    const int exit = run_as_redis_check_rdb(args, {out.file(), err.file(), stop});
    return {exit, out.text(), err.text()};
}

TEST_CASE("rdb_check/compat: on a good dump it says, line for line, what redis-check-rdb says") {
    const TempFolder folder;
    const std::string records = "\xfa\x09redis-ver\x06"_b + "7.0.15" + "\xfe\x03\x00\x01k\x01v"_b +
                                "\xfc\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01j\x01v"_b;
    for (const std::string& dump :
         {rdb::dump(records, "REDIS0010"),
          rdb::dump(records, "REDIS0010").replace(rdb::dump(records).size() - 8, 8, 8, '\0')}) {
        write_text_file(folder / "dump.rdb", dump);
        std::string theirs;
        const auto status = support::run_program({"redis-check-rdb", folder / "dump.rdb"},
                                                 support::Milliseconds(30'000), &theirs);
        const tools::ToolRun ours = run_compat({folder / "dump.rdb"});
        CHECK(ours.exit == status.code);
        CHECK(ours.out == theirs);
    }
}

TEST_CASE("rdb_check/compat: errors have its form, and exit code 1") {
    const TempFolder folder;
    std::string dump = rdb::dump("\x00\x01k\x01v"_b, "REDIS0010");
    dump.back() ^= 1;
    write_text_file(folder / "dump.rdb", dump);
    const tools::ToolRun sum = run_compat({folder / "dump.rdb"});
    CHECK(sum.exit == 1);
    CHECK(sum.says("--- RDB ERROR DETECTED ---\n[offset 23] RDB CRC error\n"));
    CHECK(sum.says("[info] 1 keys read"));
    CHECK_FALSE(sum.says("looks OK"));
    write_text_file(folder / "dump.rdb", "something else entirely");
    CHECK(run_compat({folder / "dump.rdb"}).says("[offset 9] Wrong signature"));
    CHECK(run_compat({folder / "missing"}).exit == 1);
    CHECK(run_compat({}).err == "Usage: redis-check-rdb <rdb-file-name>\n");
}

TEST_CASE("rdb_check/compat: a key that is there twice is not called OK") {
    const TempFolder folder;
    write_text_file(folder / "dump.rdb", rdb::dump("\x00\x01k\x01v\x00\x01k\x01v"_b));
    const tools::ToolRun run = run_compat({folder / "dump.rdb"});
    CHECK(run.exit == 1);
    CHECK_FALSE(run.says("looks OK"));
}

}  // namespace
}  // namespace tidemark::rdb_check
