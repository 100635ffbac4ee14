// What a client library sees: replies of the right kind, pipelines in order, values of any size,
// many connections at once. hiredis speaks RESP2 here (Debian's 0.14); RESP3 is read as bytes.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using std::chrono::milliseconds;
using support::Client;
using support::RawSocket;
using support::Reply;
using support::ServerKind;
using support::start_server;
using support::TempFolder;

// A value that shows where a piece is missing or doubled.
std::string numbered_bytes(size_t length) {
    std::string bytes;
    bytes.reserve(length + 16);
    for (size_t i = 0; bytes.size() < length; ++i) bytes += fmt::format("{:x}\r\n", i);
    bytes.resize(length);
    return bytes;
}

struct Fixture {
    TempFolder data;
    std::unique_ptr<support::ServerProcess> server =
        start_server(ServerKind::kTidemark, data.path());
    Client client = server->connect();
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "hiredis: commands answer with the kinds that the library expects") {
    CHECK(client.cmd({"SET", "a", "1"}).ok());
    CHECK(client.cmd({"GET", "a"}).text == "1");
    CHECK(client.cmd({"GET", "missing"}).nil());
    CHECK(client.cmd({"INCR", "a"}).integer == 2);
    CHECK(client.cmd({"APPEND", "a", "x"}).integer == 2);
    CHECK(client.cmd({"INCR", "a"}).text == "ERR value is not an integer or out of range");
    CHECK(client.cmd({"NOSUCH"}).is_error());
    const Reply values = client.cmd({"MGET", "a", "missing"});
    REQUIRE(values.elements.size() == 2);
    CHECK(values.elements[0].text == "2x");
    CHECK(values.elements[1].nil());
}

TEST_CASE_FIXTURE(Fixture, "hiredis: keys and values are any bytes") {
    const std::string key("k\0\r\n\xff", 5);
    const std::string value("\r\n$-1\r\n\0#", 9);
    CHECK(client.cmd({"SET", key, value}).ok());
    CHECK(client.cmd({"GET", key}).text == value);
    CHECK(client.cmd({"SET", "", ""}).ok());
    CHECK(client.cmd({"GET", ""}).kind == Reply::Kind::kBulk);
}

TEST_CASE_FIXTURE(Fixture, "hiredis: a pipeline of 10,000 commands answers in order") {
    for (int i = 0; i < 5000; ++i) {
        client.append({"SET", fmt::format("k{}", i), std::to_string(i)});
        client.append({"INCR", "count"});
    }
    REQUIRE(client.flush());
    for (int i = 0; i < 5000; ++i) {
        REQUIRE(client.read_reply().ok());
        REQUIRE(client.read_reply().integer == i + 1);
    }
    CHECK(client.cmd({"GET", "k4999"}).text == "4999");
    CHECK(client.cmd({"DBSIZE"}).integer == 5001);
}

TEST_CASE_FIXTURE(Fixture, "hiredis: a transaction answers with all its replies") {
    CHECK(client.cmd({"MULTI"}).ok());
    CHECK(client.cmd({"SET", "a", "1"}).text == "QUEUED");
    CHECK(client.cmd({"INCR", "a"}).text == "QUEUED");
    const Reply replies = client.cmd({"EXEC"});
    REQUIRE(replies.elements.size() == 2);
    CHECK(replies.elements[1].integer == 2);
}

TEST_CASE_FIXTURE(Fixture, "hiredis: a watched key that another client changed stops EXEC") {
    Client other = server->connect();
    CHECK(client.cmd({"WATCH", "a"}).ok());
    CHECK(other.cmd({"SET", "a", "2"}).ok());
    CHECK(client.cmd({"MULTI"}).ok());
    CHECK(client.cmd({"SET", "a", "3"}).text == "QUEUED");
    CHECK(client.cmd({"EXEC"}).nil());
    CHECK(client.cmd({"GET", "a"}).text == "2");
}

TEST_CASE_FIXTURE(Fixture,
                  "hiredis: values of 1 MB and 64 MB come back whole, also after restart") {
    for (const size_t length : {size_t{1} << 20, size_t{64} << 20}) {
        const std::string value = numbered_bytes(length);
        REQUIRE(client.cmd({"SET", "large", value}).ok());
        const Reply reply = client.cmd({"GET", "large"});
        REQUIRE(reply.text.size() == length);
        CHECK((reply.text == value));  // doubled parentheses: do not print 64 MB
        CHECK(client.cmd({"STRLEN", "large"}).integer == static_cast<int64_t>(length));
    }
    CHECK(server->stop().code == 0);
    server = start_server(ServerKind::kTidemark, data.path());
    CHECK((server->connect().cmd({"GET", "large"}).text == numbered_bytes(size_t{64} << 20)));
}

TEST_CASE_FIXTURE(Fixture, "hiredis: 1,000 connections at once are all served") {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    std::vector<Client> clients;
    for (int i = 0; i < 1000; ++i) clients.emplace_back(server->tcp());
    for (auto& one : clients) one.append({"INCR", "count"});
    for (auto& one : clients) REQUIRE(one.flush());
    for (auto& one : clients) REQUIRE(one.read_reply().kind == Reply::Kind::kInteger);
    CHECK(client.cmd({"GET", "count"}).text == "1000");
    clients.clear();
    CHECK(client.cmd({"INCR", "count"}).integer == 1001);
}

TEST_CASE_FIXTURE(Fixture, "resp3: HELLO 3 changes the types of the replies") {
    RawSocket socket(server->endpoint());
    REQUIRE(socket.send("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n"));
    bool closed = false;
    const std::string hello = socket.read_all(milliseconds(300), &closed);
    CHECK(hello.starts_with("%7\r\n$6\r\nserver\r\n"));
    CHECK(hello.find("$5\r\nproto\r\n:3\r\n") != std::string::npos);
    REQUIRE(socket.send("GET missing\r\n"));
    CHECK(socket.read_until("\r\n", milliseconds(5000)) == "_\r\n");
    REQUIRE(socket.send("HELLO 2\r\n"));
    CHECK(socket.read_all(milliseconds(300), &closed).starts_with("*14\r\n"));
    REQUIRE(socket.send("GET missing\r\n"));
    CHECK(socket.read_until("\r\n", milliseconds(5000)) == "$-1\r\n");
}

TEST_CASE_FIXTURE(Fixture, "resp: a request that arrives byte by byte is one request") {
    RawSocket socket(server->tcp());
    const std::string request = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\nb\r\nc\r\n";
    for (const char byte : request) REQUIRE(socket.send({&byte, 1}));
    CHECK(socket.read_until("\r\n", milliseconds(5000)) == "+OK\r\n");
    CHECK(client.cmd({"GET", "a"}).text == "b\r\nc");
}

}  // namespace tidemark
