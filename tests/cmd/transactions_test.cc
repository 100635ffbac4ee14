#include <doctest/doctest.h>

#include "tests/support/in_process.h"

namespace tidemark::test {

using Records = std::vector<std::string>;

TEST_CASE("cmd/transactions: queued commands run together and are logged together") {
    InProcess server;
    CHECK(server.run({"MULTI"}) == "+OK\r\n");
    CHECK(server.run({"SET", "a", "1"}) == "+QUEUED\r\n");
    CHECK(server.run({"GET", "a"}) == "+QUEUED\r\n");
    CHECK(server.logged().empty());
    CHECK(server.run({"EXEC"}) == "*2\r\n+OK\r\n$1\r\n1\r\n");
    CHECK(server.logged() == Records{"MULTI", "SET a 1", "EXEC"});
}

TEST_CASE("cmd/transactions: one that changes nothing leaves nothing in the log") {
    InProcess server;
    server.run({"MULTI"});
    server.run({"GET", "a"});
    CHECK(server.run({"EXEC"}) == "*1\r\n$-1\r\n");
    CHECK(server.logged().empty());
}

TEST_CASE("cmd/transactions: an error while queueing takes the whole down") {
    InProcess server;
    server.run({"MULTI"});
    server.run({"SET", "a", "1"});
    server.run({"NOSUCHCOMMAND"});
    CHECK(server.run({"EXEC"}) ==
          "-EXECABORT Transaction discarded because of previous errors.\r\n");
    CHECK(server.run({"EXISTS", "a"}) == ":0\r\n");
}

TEST_CASE("cmd/transactions: a watched key that somebody changes makes EXEC answer null") {
    InProcess server;
    cmd::Session& other = server.connect();
    server.run({"WATCH", "a"});
    server.run_as(other, {"SET", "a", "1"});
    server.run({"MULTI"});
    server.run({"SET", "a", "2"});
    CHECK(server.run({"EXEC"}) == "*-1\r\n");
    CHECK(server.run({"GET", "a"}) == "$1\r\n1\r\n");
    // It is over: the next one is free.
    server.run({"MULTI"});
    CHECK(server.run({"EXEC"}) == "*0\r\n");
}

TEST_CASE("cmd/transactions: what changes a watched key, and what does not") {
    struct Case {
        InProcess::Words by_other;
        std::string exec_reply;
    };
    const std::string fails = "*-1\r\n";
    const std::string runs = "*0\r\n";
    const std::vector<Case> cases = {
        {{"GET", "a"}, runs},          {{"SET", "b", "1"}, runs},     {{"SETNX", "a", "1"}, runs},
        {{"DEL", "a"}, fails},         {{"EXPIRE", "a", "5"}, fails}, {{"APPEND", "a", ""}, fails},
        {{"RENAME", "b", "a"}, fails}, {{"FLUSHALL"}, fails},         {{"SWAPDB", "0", "1"}, fails},
        {{"MOVE", "a", "1"}, fails},   {{"PERSIST", "a"}, runs},      {{"COPY", "a", "c"}, runs}};
    for (const Case& one : cases) {
        CAPTURE(one.by_other);
        InProcess server;
        server.run({"MSET", "a", "1", "b", "2"});
        server.run({"WATCH", "a"});
        server.run_as(server.connect(), one.by_other);
        server.run({"MULTI"});
        CHECK(server.run({"EXEC"}) == one.exec_reply);
    }
}

TEST_CASE("cmd/transactions: a watched key that expires counts as changed") {
    InProcess server;
    server.run({"SET", "a", "1", "PX", "100"});
    server.run({"WATCH", "a"});
    server.advance_ms(100);
    server.run({"MULTI"});
    CHECK(server.run({"EXEC"}) == "*-1\r\n");
}

TEST_CASE("cmd/transactions: a key that had expired before WATCH does not") {
    InProcess server;
    server.run({"SET", "a", "1", "PX", "100"});
    server.advance_ms(100);
    server.run({"WATCH", "a"});
    server.run_as(server.connect(), {"GET", "a"});
    server.run({"MULTI"});
    CHECK(server.run({"EXEC"}) == "*0\r\n");
}

TEST_CASE("cmd/transactions: UNWATCH and DISCARD forget") {
    InProcess server;
    cmd::Session& other = server.connect();
    server.run({"WATCH", "a"});
    server.run_as(other, {"SET", "a", "1"});
    server.run({"UNWATCH"});
    server.run({"MULTI"});
    CHECK(server.run({"EXEC"}) == "*0\r\n");
    server.run({"WATCH", "a"});
    server.run({"MULTI"});
    server.run_as(other, {"SET", "a", "2"});
    CHECK(server.run({"DISCARD"}) == "+OK\r\n");
    server.run({"MULTI"});
    CHECK(server.run({"EXEC"}) == "*0\r\n");
}

TEST_CASE("cmd/transactions: WATCH with many keys, some of them twice, takes linear time") {
    InProcess server;
    InProcess::Words words{"WATCH"};
    for (int i = 0; i < 100'000; ++i) words.push_back("key:" + std::to_string(i % 90'000));
    CHECK(server.run(words) == "+OK\r\n");
    CHECK(server.session().watcher.keys.size() == 90'000);
    server.run_as(server.connect(), {"SET", "key:77777", "x"});
    server.run({"MULTI"});
    CHECK(server.run({"EXEC"}) == "*-1\r\n");
}

TEST_CASE("cmd/transactions: out of order") {
    InProcess server;
    CHECK(server.run({"EXEC"}) == "-ERR EXEC without MULTI\r\n");
    CHECK(server.run({"DISCARD"}) == "-ERR DISCARD without MULTI\r\n");
    server.run({"MULTI"});
    CHECK(server.run({"MULTI"}) == "-ERR MULTI calls can not be nested\r\n");
    CHECK(server.run({"WATCH", "a"}) == "-ERR WATCH inside MULTI is not allowed\r\n");
    CHECK(server.run({"EXEC"}) == "*0\r\n");
}

}  // namespace tidemark::test
