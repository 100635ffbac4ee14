#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "tests/support/in_process.h"

namespace tidemark::test {

using Records = std::vector<std::string>;

namespace {

// Walks a SCAN to its end; the names it gave, in order.
std::vector<std::string> scan_all(InProcess& server, const std::string& count) {
    std::vector<std::string> names;
    std::string cursor = "0";
    do {
        const std::string reply = server.run({"SCAN", cursor, "COUNT", count});
        // *2 $n cursor *m { $n name }: the lines that matter are every second one.
        std::vector<std::string> lines;
        for (size_t at = 0; at < reply.size();) {
            const size_t end = reply.find("\r\n", at);
            lines.push_back(reply.substr(at, end - at));
            at = end + 2;
        }
        cursor = lines.at(2);
        for (size_t i = 5; i < lines.size(); i += 2) names.push_back(lines[i]);
    } while (cursor != "0");
    return names;
}

}  // namespace

TEST_CASE("cmd/generic: DEL and UNLINK count what was there and log only a change") {
    InProcess server;
    server.run({"MSET", "a", "1", "b", "2", "c", "3"});
    server.logged();
    CHECK(server.run({"DEL", "a", "a", "none"}) == ":1\r\n");
    CHECK(server.run({"UNLINK", "b", "c"}) == ":2\r\n");
    CHECK(server.run({"DEL", "a"}) == ":0\r\n");
    CHECK(server.logged() == Records{"DEL a a none", "UNLINK b c"});
}

TEST_CASE("cmd/generic: EXISTS counts a key as often as it is named") {
    InProcess server;
    server.run({"SET", "a", "1"});
    CHECK(server.run({"EXISTS", "a", "a", "b"}) == ":2\r\n");
    CHECK(server.run({"TOUCH", "a", "b"}) == ":1\r\n");
    CHECK(server.run({"TYPE", "a"}) == "+string\r\n");
    CHECK(server.run({"TYPE", "b"}) == "+none\r\n");
}

TEST_CASE("cmd/generic: RENAME takes value and expiry along and replaces the target") {
    InProcess server;
    server.run({"SET", "a", "1", "PX", "5000"});
    server.run({"SET", "b", "2"});
    CHECK(server.run({"RENAMENX", "a", "b"}) == ":0\r\n");
    CHECK(server.run({"RENAME", "a", "b"}) == "+OK\r\n");
    CHECK(server.run({"GET", "b"}) == "$1\r\n1\r\n");
    CHECK(server.run({"PTTL", "b"}) == ":5000\r\n");
    CHECK(server.run({"EXISTS", "a"}) == ":0\r\n");
    CHECK(server.run({"RENAME", "a", "b"}) == "-ERR no such key\r\n");
    server.logged();
    CHECK(server.run({"RENAME", "b", "b"}) == "+OK\r\n");
    CHECK(server.logged().empty());
}

TEST_CASE("cmd/generic: COPY and MOVE between databases") {
    InProcess server;
    server.run({"SET", "a", "1", "PX", "5000"});
    CHECK(server.run({"COPY", "a", "a", "DB", "3"}) == ":1\r\n");
    CHECK(server.run({"COPY", "a", "a", "DB", "3"}) == ":0\r\n");
    CHECK(server.run({"COPY", "a", "a", "DB", "3", "REPLACE"}) == ":1\r\n");
    CHECK(server.run({"COPY", "a", "a"}) == "-ERR source and destination objects are the same\r\n");
    CHECK(server.run({"COPY", "a", "b", "DB", "99"}) == "-ERR DB index is out of range\r\n");
    CHECK(server.run({"MOVE", "a", "3"}) == ":0\r\n");
    CHECK(server.run({"MOVE", "a", "4"}) == ":1\r\n");
    CHECK(server.run({"EXISTS", "a"}) == ":0\r\n");
    server.run({"SELECT", "4"});
    CHECK(server.run({"PTTL", "a"}) == ":5000\r\n");
}

TEST_CASE("cmd/generic: SWAPDB exchanges what the clients of two databases see") {
    InProcess server;
    server.run({"SET", "a", "zero"});
    CHECK(server.run({"SWAPDB", "0", "1"}) == "+OK\r\n");
    CHECK(server.run({"EXISTS", "a"}) == ":0\r\n");
    server.run({"SELECT", "1"});
    CHECK(server.run({"GET", "a"}) == "$4\r\nzero\r\n");
    CHECK(server.run({"SWAPDB", "x", "1"}) == "-ERR invalid first DB index\r\n");
    CHECK(server.run({"SWAPDB", "0", "99999999999"}) == "-ERR invalid second DB index\r\n");
    CHECK(server.run({"SWAPDB", "0", "16"}) == "-ERR DB index is out of range\r\n");
}

TEST_CASE("cmd/generic: FLUSHDB and FLUSHALL are logged even when nothing was there") {
    InProcess server;
    server.run({"SET", "a", "1"});
    server.run({"SELECT", "1"});
    server.run({"SET", "b", "1"});
    server.logged();
    CHECK(server.run({"FLUSHDB", "ASYNC"}) == "+OK\r\n");
    CHECK(server.run({"DBSIZE"}) == ":0\r\n");
    CHECK(server.run({"FLUSHALL"}) == "+OK\r\n");
    CHECK(server.run({"FLUSHALL", "sync"}) == "+OK\r\n");
    CHECK(server.run({"FLUSHALL", "NOW"}) == "-ERR syntax error\r\n");
    server.run({"SELECT", "0"});
    CHECK(server.run({"DBSIZE"}) == ":0\r\n");
    CHECK(server.logged() == Records{"1: FLUSHDB ASYNC", "1: FLUSHALL", "1: FLUSHALL sync"});
}

TEST_CASE("cmd/expire: relative times are logged as points in time") {
    InProcess server;
    server.run({"SET", "a", "1"});
    server.logged();
    CHECK(server.run({"EXPIRE", "a", "10"}) == ":1\r\n");
    CHECK(server.run({"PEXPIRE", "a", "20000", "GT"}) == ":1\r\n");
    CHECK(server.run({"EXPIREAT", "a", "4200000000"}) == ":1\r\n");
    CHECK(server.run({"EXPIRE", "none", "10"}) == ":0\r\n");
    CHECK(server.logged() == Records{"PEXPIREAT a " + std::to_string(server.now_ms() + 10'000),
                                     "PEXPIREAT a " + std::to_string(server.now_ms() + 20'000),
                                     "PEXPIREAT a 4200000000000"});
}

TEST_CASE("cmd/expire: a time that has passed deletes the key, and the log says DEL") {
    InProcess server;
    for (const InProcess::Words& command :
         {InProcess::Words{"EXPIRE", "a", "-1"}, InProcess::Words{"PEXPIRE", "a", "0"},
          InProcess::Words{"EXPIREAT", "a", "1"}, InProcess::Words{"PEXPIREAT", "a", "-5"}}) {
        server.run({"SET", "a", "1"});
        server.logged();
        CHECK(server.run(command) == ":1\r\n");
        CHECK(server.run({"EXISTS", "a"}) == ":0\r\n");
        CHECK(server.logged() == Records{"DEL a"});
    }
}

TEST_CASE("cmd/expire: NX, XX, GT and LT, where no expiry is later than any") {
    InProcess server;
    server.run({"SET", "a", "1"});
    CHECK(server.run({"EXPIRE", "a", "100", "XX"}) == ":0\r\n");
    CHECK(server.run({"EXPIRE", "a", "100", "GT"}) == ":0\r\n");
    CHECK(server.run({"EXPIRE", "a", "100", "LT"}) == ":1\r\n");
    CHECK(server.run({"EXPIRE", "a", "50", "NX"}) == ":0\r\n");
    CHECK(server.run({"EXPIRE", "a", "50", "GT"}) == ":0\r\n");
    CHECK(server.run({"EXPIRE", "a", "100", "LT"}) == ":0\r\n");
    CHECK(server.run({"EXPIRE", "a", "200", "XX", "GT"}) == ":1\r\n");
    CHECK(server.run({"TTL", "a"}) == ":200\r\n");
}

TEST_CASE("cmd/expire: options that contradict each other and times past the end are refused") {
    InProcess server;
    CHECK(server.run({"EXPIRE", "a", "1", "NX", "XX"}) ==
          "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
    CHECK(server.run({"EXPIRE", "a", "1", "GT", "LT"}) ==
          "-ERR GT and LT options at the same time are not compatible\r\n");
    CHECK(server.run({"EXPIRE", "a", "x", "SOON"}) == "-ERR Unsupported option SOON\r\n");
    CHECK(server.run({"EXPIRE", "a", "9223372036854775807"}) ==
          "-ERR invalid expire time in 'expire' command\r\n");
    CHECK(server.run({"PEXPIRE", "a", "9223372036854775807"}) ==
          "-ERR invalid expire time in 'pexpire' command\r\n");
    CHECK(server.run({"PEXPIREAT", "a", "9223372036854775807"}) == ":0\r\n");
}

TEST_CASE("cmd/expire: TTL rounds to the nearest second, PERSIST ends the countdown") {
    InProcess server;
    CHECK(server.run({"TTL", "a"}) == ":-2\r\n");
    server.run({"SET", "a", "1", "PX", "1499"});
    CHECK(server.run({"TTL", "a"}) == ":1\r\n");
    CHECK(server.run({"PTTL", "a"}) == ":1499\r\n");
    CHECK(server.run({"PEXPIRETIME", "a"}) == fmt::format(":{}\r\n", server.now_ms() + 1499));
    CHECK(server.run({"PERSIST", "a"}) == ":1\r\n");
    CHECK(server.run({"PERSIST", "a"}) == ":0\r\n");
    CHECK(server.run({"TTL", "a"}) == ":-1\r\n");
}

TEST_CASE("cmd/scan: a walk gives every key once, however small its steps") {
    InProcess server;
    std::set<std::string> expected;
    for (int i = 0; i < 500; ++i) {
        const std::string name = "key:" + std::to_string(i);
        server.run({"SET", name, "x"});
        expected.insert(name);
    }
    for (const char* count : {"1", "10", "100000"}) {
        const auto names = scan_all(server, count);
        CHECK(std::set<std::string>(names.begin(), names.end()) == expected);
        CHECK(names.size() == expected.size());
    }
}

TEST_CASE("cmd/scan: patterns, types and bad cursors") {
    InProcess server;
    server.run({"MSET", "a1", "x", "a2", "x", "b1", "x"});
    CHECK(server.run({"SCAN", "0", "COUNT", "100", "MATCH", "b*"}) ==
          "*2\r\n$1\r\n0\r\n*1\r\n$2\r\nb1\r\n");
    CHECK(server.run({"SCAN", "0", "COUNT", "100", "TYPE", "list"}) == "*2\r\n$1\r\n0\r\n*0\r\n");
    CHECK(server.run({"SCAN", "x"}) == "-ERR invalid cursor\r\n");
    CHECK(server.run({"SCAN", "0", "COUNT", "0"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"KEYS", "b?"}) == "*1\r\n$2\r\nb1\r\n");
    CHECK(server.run({"RANDOMKEY"}).substr(0, 4) == "$2\r\n");
    server.run({"FLUSHALL"});
    CHECK(server.run({"RANDOMKEY"}) == "$-1\r\n");
}

TEST_CASE("cmd/object: encodings follow the value") {
    InProcess server;
    server.run({"MSET", "i", "123", "e", std::string(44, 'x'), "r", std::string(45, 'x')});
    CHECK(server.run({"OBJECT", "ENCODING", "i"}) == "$3\r\nint\r\n");
    CHECK(server.run({"OBJECT", "ENCODING", "e"}) == "$6\r\nembstr\r\n");
    CHECK(server.run({"OBJECT", "ENCODING", "r"}) == "$3\r\nraw\r\n");
    CHECK(server.run({"OBJECT", "ENCODING", "none"}) == "$-1\r\n");
    server.run({"APPEND", "i", ""});
    CHECK(server.run({"OBJECT", "ENCODING", "i"}) == "$3\r\nraw\r\n");
}

TEST_CASE("cmd/object: idle time counts from the last access, asking is none") {
    InProcess server;
    server.run({"SET", "a", "1"});
    server.advance_ms(5'000);
    CHECK(server.run({"OBJECT", "IDLETIME", "a"}) == ":5\r\n");
    server.run({"TYPE", "a"});
    CHECK(server.run({"OBJECT", "IDLETIME", "a"}) == ":5\r\n");
    server.run({"TOUCH", "a"});
    CHECK(server.run({"OBJECT", "IDLETIME", "a"}) == ":0\r\n");
}

TEST_CASE("cmd/wait: arguments are checked before anybody waits") {
    InProcess server;
    CHECK(server.run({"WAIT", "0", "0"}) == ":0\r\n");
    CHECK(server.run({"WAIT", "x", "0"}) == "-ERR value is not an integer or out of range\r\n");
    CHECK(server.run({"WAIT", "0", "-1"}) == "-ERR timeout is negative\r\n");
    CHECK(server.run({"WAITAOF", "2", "0", "0"}) ==
          "-ERR value is out of range, value must between 0 and 1\r\n");
    CHECK(server.run({"WAITAOF", "1", "-1", "0"}) ==
          "-ERR value is out of range, must be positive\r\n");
    CHECK(server.run({"WAITAOF", "1", "0", "0"}) == "*2\r\n:1\r\n:0\r\n");
    server.has_log = false;
    CHECK(server.run({"WAITAOF", "1", "0", "0"}) ==
          "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n");
}

}  // namespace tidemark::test
