// Stopping on purpose: everything written, synced, and nothing of the window left in the files.
#include <doctest/doctest.h>
#include <signal.h>

#include <thread>

#include "tests/process/workload.h"
#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using support::Client;
using support::ExitStatus;
using support::Milliseconds;
using support::ServerKind;
using support::start_server;
using support::TempFolder;

// True when a file of the log holds a line of the prefilled window.
bool has_fill_lines(const std::string& folder) {
    for (const std::string& name : support::files_below(folder)) {
        const std::string text = support::read_text_file(folder + "/" + name);
        if (text.find("########") != std::string::npos) return true;
    }
    return false;
}

ExitStatus stop_by(support::ServerProcess& server, int number) {
    server.process().send_signal(number);
    const auto status = server.process().wait_for(Milliseconds(20'000));
    REQUIRE(status);
    return *status;
}

}  // namespace

TEST_CASE("signals: SIGTERM and SIGINT stop it with exit 0, and a restart has everything") {
    for (const char* policy : {"always", "everysec", "no"}) {
        const TempFolder data;
        int64_t count = 0;
        for (const int number : {SIGTERM, SIGINT}) {
            CAPTURE(policy);
            CAPTURE(number);
            auto server =
                start_server(ServerKind::kTidemark, data.path(), {"--appendfsync", policy});
            Client client = server->connect();
            for (int i = 0; i < 100; ++i) REQUIRE(client.cmd({"INCR", "count"}).integer == ++count);
            CHECK(stop_by(*server, number).code == 0);
            CHECK_FALSE(has_fill_lines(data.path()));
        }
        auto server = start_server(ServerKind::kTidemark, data.path());
        CHECK(server->connect().cmd({"GET", "count"}).text == std::to_string(count));
    }
}

TEST_CASE("signals: SIGTERM under load keeps every acknowledged write") {
    const TempFolder data;
    process::Workload workload(4, random_seed_from_kernel());
    for (int i = support::rounds(4, 50); i > 0; --i) {
        auto server = start_server(ServerKind::kTidemark, data.path());
        REQUIRE(workload.check(server->endpoint(), process::Promise::kEverythingAcknowledged) ==
                "");
        workload.start(server->endpoint());
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        CHECK(stop_by(*server, SIGTERM).code == 0);
        workload.stop();
        CHECK_FALSE(has_fill_lines(data.path()));
    }
}

TEST_CASE("signals: SHUTDOWN stops it as SIGTERM does") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path());
    Client client = server->connect();
    REQUIRE(client.cmd({"SET", "a", "1"}).ok());
    CHECK(client.cmd({"SHUTDOWN"}).lost());
    const auto status = server->process().wait_for(Milliseconds(20'000));
    REQUIRE(status);
    CHECK(status->code == 0);
    CHECK_FALSE(has_fill_lines(data.path()));
    server = start_server(ServerKind::kTidemark, data.path());
    CHECK(server->connect().cmd({"GET", "a"}).text == "1");
}

TEST_CASE("signals: the log is loaded anew while one of its syncs runs") {
    const TempFolder data;
    auto server =
        start_server(ServerKind::kTidemark, data.path(), {"--enable-debug-command", "local"});
    Client writer = server->connect();
    Client loader = server->connect();
    for (int i = support::rounds(40, 1'000); i > 0; --i) {
        writer.append({"INCR", "n"});
        REQUIRE(writer.flush());
        CHECK(loader.cmd({"DEBUG", "LOADAOF"}).ok());
        CHECK(writer.read_reply().kind == support::Reply::Kind::kInteger);
    }
    CHECK(loader.cmd({"GET", "n"}).text == std::to_string(support::rounds(40, 1'000)));
}

TEST_CASE("signals: a hang-up of the terminal and a broken pipe do not stop it") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path());
    server->process().send_signal(SIGHUP);
    server->process().send_signal(SIGPIPE);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(server->connect().cmd({"PING"}).text == "PONG");
}

}  // namespace tidemark
