// Bad input and bad clients: Redis's answer byte for byte, bounded memory, others unaffected.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using std::chrono::milliseconds;
using support::Client;
using support::CommandArgs;
using support::RawSocket;
using support::ServerKind;
using support::ServerProcess;
using support::start_server;
using support::TempFolder;

constexpr size_t kMegabyte = size_t{1} << 20;

// Sent on a connection of its own each; what comes back, and whether the connection is closed then,
// is compared with redis-server.
std::vector<std::string> odd_requests() {
    using namespace std::string_literals;
    return {
        // inline
        "PING\r\n",
        "PING\n",
        "\r\n\r\nPING\r\n",
        "   PING   \r\n",
        "ping hello\r\n",
        "PING a b\r\n",
        "ECHO 'a b'\r\n",
        "ECHO \"a\\x41\\n\"\r\n",
        "ECHO \"unbalanced\r\nPING\r\n",
        "ECHO 'a'b\r\n",
        "ECHO a\0b\r\n"s,
        "NOSUCH\r\n",
        "NOSUCH a b 'c d'\r\n",
        "nosuch " + std::string(300, 'x') + " y\r\n",
        std::string(200, 'n') + "\r\n",
        "GET\r\n",
        "GET a b\r\n",
        "client nosuch\r\n",
        "CLIENT\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "QUIT\r\nPING\r\n",
        std::string(70'000, 'a'),
        // multibulk
        "*1\r\n$4\r\nPING\r\n",
        "*0\r\nPING\r\n",
        "*-1\r\nPING\r\n",
        "*-10\r\n*1\r\n$4\r\nPING\r\n",
        "*\r\n",
        "*x\r\n",
        "*1x\r\n",
        "* 1\r\n",
        "*+1\r\n",
        "*01\r\n$4\r\nPING\r\n",
        "*2147483648\r\n",
        "*99999999999999999999\r\n",
        "*" + std::string(70'000, '1'),
        "*1\r\nPING\r\n",
        "*1\r\n:4\r\n",
        "*1\r\n\r\n",
        "*1\r\n$\r\n",
        "*1\r\n$x\r\n",
        "*1\r\n$-1\r\n",
        "*1\r\n$4x\r\nPING\r\n",
        "*1\r\n$536870913\r\n",
        "*1\r\n$99999999999999999999\r\n",
        "*1\r\n$" + std::string(70'000, '1'),
        "*1\r\n$0\r\n\r\n",
        "*1\r\n$04\r\nPING\r\n",
        "*2\r\n$4\r\nECHO\r\n$5\r\na\r\nb\0\r\n"s,
        "*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
        "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n$x\r\n",
        // states
        "EXEC\r\n",
        "DISCARD\r\n",
        "MULTI\r\nMULTI\r\nEXEC\r\n",
        "MULTI\r\nNOSUCH\r\nPING\r\nEXEC\r\n",
        "MULTI\r\nGET\r\nDISCARD\r\nPING\r\n",
        "MULTI\r\nWATCH a\r\nEXEC\r\n",
        "SELECT 16\r\n",
        "SELECT x\r\n",
        "SELECT -1\r\n",
        "HELLO 4\r\n",
        "HELLO x\r\n",
        "HELLO 3 AUTH a\r\n",
        "HELLO 3 SETNAME 'a b'\r\n",
        "AUTH x\r\n",
        "AUTH a b c\r\n",
        "SET a\r\n",
        "SET a 1 EX 0\r\n",
        "SET a 1 EX x\r\n",
        "SET a 1 NX XX\r\n",
        "SET a 1 PX 9223372036854775807\r\n",
        "SETRANGE a 536870912 x\r\n",
        "SETRANGE a -1 x\r\n",
        "EXPIRE a x\r\n",
        "EXPIRE a 9223372036854775807\r\n",
        "INCRBY a 9223372036854775808\r\n",
        "CONFIG SET nosuch 1\r\n",
        "CONFIG GET\r\n",
        "CONFIG SET maxclients x\r\n",
        "DEBUG\r\n",
        "OBJECT nosuch a\r\n",
        "SCAN x\r\n",
        "SCAN 0 COUNT 0\r\n",
        "WAIT x 0\r\n",
        "COMMAND GETKEYS GET a\r\n",
        "COMMAND GETKEYS NOSUCH a\r\n",
    };
}

struct Answer {
    std::string bytes;
    bool closed = false;
};

// All requests at once, so that the wait for silence is paid once.
std::vector<Answer> answers_of(const ServerProcess& server,
                               const std::vector<std::string>& requests) {
    std::vector<std::unique_ptr<RawSocket>> sockets;
    for (const std::string& request : requests) {
        sockets.push_back(std::make_unique<RawSocket>(server.endpoint()));
        REQUIRE(sockets.back()->connected());
        sockets.back()->send(request);
    }
    std::this_thread::sleep_for(milliseconds(300));
    std::vector<Answer> answers(requests.size());
    for (size_t i = 0; i < requests.size(); ++i)
        answers[i].bytes = sockets[i]->read_all(milliseconds(20), &answers[i].closed);
    return answers;
}

void compare_answers(const std::vector<std::string>& args,
                     const std::vector<std::string>& requests) {
    const TempFolder ours_data;
    const TempFolder theirs_data;
    auto ours = start_server(ServerKind::kTidemark, ours_data.path(), args);
    auto theirs = start_server(ServerKind::kRedis, theirs_data.path(), args);
    const std::vector<Answer> found = answers_of(*ours, requests);
    const std::vector<Answer> expected = answers_of(*theirs, requests);
    for (size_t i = 0; i < requests.size(); ++i) {
        CAPTURE(requests[i].substr(0, 100));
        CHECK(found[i].bytes == expected[i].bytes);
        CHECK(found[i].closed == expected[i].closed);
    }
    CHECK_FALSE(ours->connect().cmd({"PING"}).lost());
}

struct Fixture {
    TempFolder data;
    std::unique_ptr<ServerProcess> server =
        start_server(ServerKind::kTidemark, data.path(), {"--appendfsync", "no"});
    Client client = server->connect();

    void check_others_are_served() {
        const auto before = std::chrono::steady_clock::now();
        CHECK(server->connect().cmd({"PING"}).text == "PONG");
        CHECK(client.cmd({"SET", "other", "1"}).ok());
        const int seconds = support::sanitized() ? 20 : 2;
        CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(seconds));
    }
};

}  // namespace

TEST_CASE("adversarial: odd requests get redis-server's bytes, and are closed where it closes") {
    compare_answers({}, odd_requests());
}

TEST_CASE("adversarial: a stranger before AUTH gets small limits") {
    compare_answers({"--requirepass", "secret"},
                    {"PING\r\n", "NOSUCH\r\n", "GET\r\n", "AUTH wrong\r\nPING\r\n",
                     "AUTH secret\r\nPING\r\n", "AUTH default secret\r\nPING\r\n",
                     "AUTH other secret\r\n", "HELLO 2 AUTH default wrong\r\n", "*10\r\n",
                     "*11\r\n", "*1\r\n$16384\r\n", "*1\r\n$16385\r\n", "QUIT\r\n"});
}

TEST_CASE_FIXTURE(Fixture, "adversarial: a command of a million arguments is carried out") {
    CommandArgs set = {"MSET"};
    CommandArgs erase = {"DEL"};
    for (int i = 0; i < 500'000; ++i) {
        erase.push_back(fmt::format("k{}", i));
        set.push_back(erase.back());
        set.push_back("v");
    }
    CHECK(client.cmd(set).ok());
    CHECK(client.cmd({"DBSIZE"}).integer == 500'000);
    CHECK(client.cmd(erase).integer == 500'000);
    check_others_are_served();
}

TEST_CASE_FIXTURE(Fixture, "adversarial: a value of 512 MB is the largest") {
    if (!support::full_run()) return;
    const std::string value(512 * kMegabyte, 'x');
    CHECK(client.cmd({"SET", "large", value}).ok());
    CHECK(client.cmd({"STRLEN", "large"}).integer == static_cast<int64_t>(value.size()));
    CHECK((client.cmd({"GET", "large"}).text == value));
    CHECK(client.cmd({"APPEND", "large", "x"}).text ==
          "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    CHECK(client.cmd({"DEL", "large"}).integer == 1);
    check_others_are_served();
}

TEST_CASE_FIXTURE(Fixture, "adversarial: a client that asks and never reads costs bounded memory") {
    REQUIRE(client.cmd({"SET", "large", std::string(kMegabyte, 'x')}).ok());
    RawSocket deaf(server->endpoint());
    std::string requests;
    for (int i = 0; i < 4000; ++i) requests += "GET large\r\n";
    const size_t before = server->resident_bytes();
    deaf.send(requests, milliseconds(500));
    for (int i = 0; i < 10; ++i) {
        std::this_thread::sleep_for(milliseconds(50));
        check_others_are_served();
    }
    // 4 GB were asked for. A sanitizer keeps notes about every byte.
    const size_t bound = (support::sanitized() ? 1200 : 300) * kMegabyte;
    CHECK(server->resident_bytes() < before + bound);
}

TEST_CASE_FIXTURE(Fixture, "adversarial: announced but unsent megabytes are not allocated") {
    const size_t before = server->resident_bytes();
    std::vector<std::unique_ptr<RawSocket>> silent;
    for (int i = 0; i < 100; ++i) {
        silent.push_back(std::make_unique<RawSocket>(server->endpoint()));
        REQUIRE(silent.back()->send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nx"));
        silent.push_back(std::make_unique<RawSocket>(server->endpoint()));
        REQUIRE(silent.back()->send("*2147483647\r\n$3\r\nDEL\r\n"));
        silent.push_back(std::make_unique<RawSocket>(server->endpoint()));
    }
    std::this_thread::sleep_for(milliseconds(100));
    check_others_are_served();
    CHECK(server->resident_bytes() < before + 200 * kMegabyte);
}

TEST_CASE_FIXTURE(Fixture, "adversarial: clients that leave in the middle leave nothing behind") {
    for (int i = 0; i < 200; ++i) {
        RawSocket socket(server->tcp());
        REQUIRE(socket.send("SET a 1\r\nGET a\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100\r\nhalf"));
    }
    check_others_are_served();
    for (int i = 0; i < 100; ++i) {
        if (client.cmd({"INFO", "clients"}).text.find("connected_clients:1\r\n") !=
            std::string::npos)
            return;
        std::this_thread::sleep_for(milliseconds(20));
    }
    FAIL(client.cmd({"INFO", "clients"}).text);
}

TEST_CASE("adversarial: past maxclients a client is told so and closed") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path(), {"--maxclients", "5"});
    std::vector<Client> clients;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(server->connect());
        for (int tries = 0; clients.back().cmd({"PING"}).text != "PONG"; ++tries) {
            // The probe that waited for the start may still be closing.
            REQUIRE(tries < 100);
            std::this_thread::sleep_for(milliseconds(10));
            clients.pop_back();
            clients.push_back(server->connect());
        }
    }
    RawSocket one_more(server->endpoint());
    bool closed = false;
    CHECK(one_more.read_all(milliseconds(2000), &closed) ==
          "-ERR max number of clients reached\r\n");
    CHECK(closed);
    CHECK(clients[0].cmd({"PING"}).text == "PONG");
}

TEST_CASE("adversarial: an idle client is closed after `timeout` seconds, a busy one is not") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path(), {"--timeout", "1"});
    RawSocket idle(server->endpoint());
    Client busy = server->connect();
    for (int i = 0; i < 15; ++i) {
        std::this_thread::sleep_for(milliseconds(200));
        REQUIRE(busy.cmd({"PING"}).text == "PONG");
    }
    bool closed = false;
    CHECK(idle.read_all(milliseconds(1000), &closed) == "");
    CHECK(closed);
}

}  // namespace tidemark
