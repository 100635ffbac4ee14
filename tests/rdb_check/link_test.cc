#include <doctest/doctest.h>

#include "tests/rdb_check/program.h"
#include "tests/support/process.h"

namespace tidemark::tools {
namespace {

TEST_CASE("rdb_check/link: the program holds codecs, and no keyspace, server, log or network") {
    std::string symbols;
    const auto status = support::run_program({"nm", "-C", rdb_check_program()},
                                             support::Milliseconds(60'000), &symbols);
    REQUIRE(status.code == 0);
    CHECK(symbols.find("tidemark::rdb::Reader") != std::string::npos);
    for (const char* stranger :
         {"tidemark::engine::Keyspace", "tidemark::engine::WriteTxn", "tidemark::server::",
          "tidemark::net::", "tidemark::cmd::", "tidemark::aof::Log::", "io_uring_"}) {
        CHECK_MESSAGE(symbols.find(stranger) == std::string::npos, stranger);
    }
}

}  // namespace
}  // namespace tidemark::tools
