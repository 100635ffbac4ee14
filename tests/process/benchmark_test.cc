// redis-benchmark, unchanged, is a client like any other.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using support::Milliseconds;
using support::run_program;
using support::ServerKind;
using support::start_server;
using support::TempFolder;

// The output of a run that must end well.
std::string run_benchmark(const support::ServerProcess& server, std::vector<std::string> options) {
    std::vector<std::string> args = {"redis-benchmark",
                                     "-p",
                                     std::to_string(server.endpoint().port),
                                     "-t",
                                     "set,get,incr,mset",
                                     "-n",
                                     std::to_string(support::rounds(20'000, 200'000)),
                                     "-r",
                                     "10000",
                                     "--csv"};
    args.insert(args.end(), options.begin(), options.end());
    std::string output;
    const support::ExitStatus status = run_program(args, Milliseconds(120'000), &output);
    INFO(output);
    CHECK(status.code == 0);
    CHECK(output.find("rror") == std::string::npos);
    for (const char* test : {"\"SET\"", "\"GET\"", "\"INCR\"", "\"MSET (10 keys)\""})
        CHECK(output.find(test) != std::string::npos);
    return output;
}

}  // namespace

TEST_CASE("redis-benchmark: runs clean with and without a pipeline, in RESP2 and RESP3") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path(), {"--appendfsync", "everysec"});
    for (const auto& options : std::vector<std::vector<std::string>>{
             {"-P", "1"}, {"-P", "16"}, {"-P", "1", "-3"}, {"-P", "16", "-3"}}) {
        CAPTURE(options.size());
        run_benchmark(*server, options);
    }
    CHECK(server->connect().cmd({"PING"}).text == "PONG");
}

TEST_CASE("redis-benchmark: runs clean when every reply waits for the disk") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path(), {"--appendfsync", "always"});
    run_benchmark(*server, {"-P", "1"});
    run_benchmark(*server, {"-P", "16", "-3"});
    CHECK(server->connect().cmd({"PING"}).text == "PONG");
}

}  // namespace tidemark
