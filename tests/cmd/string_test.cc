#include <doctest/doctest.h>

#include "tests/support/in_process.h"

namespace tidemark::test {

using Records = std::vector<std::string>;

TEST_CASE("cmd/string: SET stores, GET answers, a missing key is null in each dialect") {
    InProcess server;
    CHECK(server.run({"SET", "a", "1"}) == "+OK\r\n");
    CHECK(server.run({"GET", "a"}) == "$1\r\n1\r\n");
    CHECK(server.run({"GET", "b"}) == "$-1\r\n");
    CHECK(server.run_as(server.connect(resp::Protocol::kResp3), {"GET", "b"}) == "_\r\n");
    CHECK(server.logged() == Records{"SET a 1"});
}

TEST_CASE("cmd/string: an expiry is logged as a point in time, conditions as what they did") {
    InProcess server;
    const std::string in_ten_seconds = std::to_string(server.now_ms() + 10'000);
    server.run({"SET", "a", "1", "EX", "10"});
    server.run({"SET", "b", "1", "px", "10000", "NX"});
    server.run({"SETEX", "c", "10", "1"});
    server.run({"PSETEX", "d", "10000", "1"});
    server.run({"SET", "e", "1", "EXAT", "4200000000", "GET"});
    server.run({"SET", "f", "1", "NX", "GET"});
    server.run({"SET", "a", "2", "KEEPTTL", "XX"});
    CHECK(server.logged() ==
          Records{"SET a 1 PXAT " + in_ten_seconds, "SET b 1 PXAT " + in_ten_seconds,
                  "SET c 1 PXAT " + in_ten_seconds, "SET d 1 PXAT " + in_ten_seconds,
                  "SET e 1 PXAT 4200000000000", "SET f 1", "SET a 2 KEEPTTL"});
}

TEST_CASE("cmd/string: what SET refuses leaves no trace in data or log") {
    InProcess server;
    server.run({"SET", "a", "1"});
    server.logged();
    CHECK(server.run({"SET", "a", "2", "NX"}) == "$-1\r\n");
    CHECK(server.run({"SET", "b", "2", "XX"}) == "$-1\r\n");
    CHECK(server.run({"SET", "a", "2", "NX", "GET"}) == "$1\r\n1\r\n");
    CHECK(server.run({"SET", "a", "2", "NX", "XX"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"SET", "a", "2", "EX", "10", "PX", "10"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"SET", "a", "2", "EX"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"SET", "a", "2", "PERSIST"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"SET", "a", "2", "EX", "0"}) ==
          "-ERR invalid expire time in 'set' command\r\n");
    CHECK(server.run({"SET", "a", "2", "PX", "9223372036854775807"}) ==
          "-ERR invalid expire time in 'set' command\r\n");
    CHECK(server.run({"SET", "a", "2", "EX", "ten"}) ==
          "-ERR value is not an integer or out of range\r\n");
    CHECK(server.run({"GET", "a"}) == "$1\r\n1\r\n");
    CHECK(server.logged().empty());
}

TEST_CASE("cmd/string: SET drops an expiry unless it is told to keep it") {
    InProcess server;
    server.run({"SET", "a", "1", "PX", "5000"});
    server.run({"SET", "a", "2", "KEEPTTL"});
    CHECK(server.run({"PTTL", "a"}) == ":5000\r\n");
    server.run({"SET", "a", "3"});
    CHECK(server.run({"PTTL", "a"}) == ":-1\r\n");
}

TEST_CASE("cmd/string: a key is gone when its time has come, and its DEL is logged") {
    InProcess server;
    server.run({"SET", "a", "1", "PX", "100"});
    server.logged();
    server.advance_ms(99);
    CHECK(server.run({"GET", "a"}) == "$1\r\n1\r\n");
    server.advance_ms(1);
    CHECK(server.run({"GET", "a"}) == "$-1\r\n");
    CHECK(server.logged() == Records{"DEL a"});
}

// Replay keeps an expired key until its DEL: a record that needs the key gone comes after it.
TEST_CASE("cmd/string: the DEL of an expired key precedes the write that met it") {
    InProcess server;
    for (const InProcess::Words& write :
         {InProcess::Words{"APPEND", "a", "2"}, InProcess::Words{"SETNX", "a", "2"},
          InProcess::Words{"INCR", "a"}, InProcess::Words{"SETRANGE", "a", "0", "x"}}) {
        server.run({"SET", "a", "1", "PX", "100"});
        server.advance_ms(100);
        server.logged();
        server.run(write);
        const Records records = server.logged();
        REQUIRE(records.size() == 2);
        CHECK(records[0] == "DEL a");
        server.run({"DEL", "a"});
    }
}

TEST_CASE("cmd/string: GETDEL is logged as DEL, and only when something was there") {
    InProcess server;
    CHECK(server.run({"GETDEL", "a"}) == "$-1\r\n");
    server.run({"SET", "a", "1"});
    server.logged();
    CHECK(server.run({"GETDEL", "a"}) == "$1\r\n1\r\n");
    CHECK(server.run({"EXISTS", "a"}) == ":0\r\n");
    CHECK(server.logged() == Records{"DEL a"});
}

TEST_CASE("cmd/string: GETEX is logged as what it does to the expiry") {
    InProcess server;
    server.run({"SET", "a", "1"});
    server.logged();
    CHECK(server.run({"GETEX", "a"}) == "$1\r\n1\r\n");
    server.run({"GETEX", "a", "PERSIST"});
    CHECK(server.logged().empty());
    server.run({"GETEX", "a", "EX", "10"});
    server.run({"GETEX", "a", "PERSIST"});
    server.run({"GETEX", "a", "PXAT", "1000"});
    CHECK(server.logged() ==
          Records{"PEXPIREAT a " + std::to_string(server.now_ms() + 10'000), "PERSIST a", "DEL a"});
    CHECK(server.run({"EXISTS", "a"}) == ":0\r\n");
    // A missing key is told before a bad time.
    CHECK(server.run({"GETEX", "a", "EX", "0"}) == "$-1\r\n");
}

TEST_CASE("cmd/string: MSETNX sets all or none") {
    InProcess server;
    CHECK(server.run({"MSETNX", "a", "1", "b", "2"}) == ":1\r\n");
    CHECK(server.run({"MSETNX", "c", "3", "a", "4"}) == ":0\r\n");
    CHECK(server.run({"MGET", "a", "b", "c"}) == "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n");
    CHECK(server.run({"MSET", "a", "1", "b"}) ==
          "-ERR wrong number of arguments for 'mset' command\r\n");
}

TEST_CASE("cmd/string: GETRANGE cuts what lies outside") {
    InProcess server;
    server.run({"SET", "a", "Hello"});
    CHECK(server.run({"GETRANGE", "a", "1", "3"}) == "$3\r\nell\r\n");
    CHECK(server.run({"GETRANGE", "a", "-3", "-1"}) == "$3\r\nllo\r\n");
    CHECK(server.run({"GETRANGE", "a", "0", "100"}) == "$5\r\nHello\r\n");
    CHECK(server.run({"GETRANGE", "a", "-1", "-3"}) == "$0\r\n\r\n");
    CHECK(server.run({"GETRANGE", "a", "5", "9"}) == "$0\r\n\r\n");
    CHECK(server.run({"GETRANGE", "a", "-9223372036854775808", "9223372036854775807"}) ==
          "$5\r\nHello\r\n");
    CHECK(server.run({"GETRANGE", "none", "0", "-1"}) == "$0\r\n\r\n");
}

TEST_CASE("cmd/string: SETRANGE pads with NULs and writes nothing for nothing") {
    InProcess server;
    CHECK(server.run({"SETRANGE", "a", "3", "x"}) == ":4\r\n");
    CHECK(server.run({"GET", "a"}) == std::string("$4\r\n\0\0\0x\r\n", 10));
    CHECK(server.run({"SETRANGE", "b", "3", ""}) == ":0\r\n");
    CHECK(server.run({"EXISTS", "b"}) == ":0\r\n");
    CHECK(server.run({"SETRANGE", "a", "-1", "x"}) == "-ERR offset is out of range\r\n");
}

TEST_CASE("cmd/string: no value grows past proto-max-bulk-len") {
    InProcess server;
    server.bulk_limit = 8;
    const std::string refusal = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
    CHECK(server.run({"SETRANGE", "a", "7", "xy"}) == refusal);
    CHECK(server.run({"SETRANGE", "a", "9223372036854775807", "xy"}) == refusal);
    CHECK(server.run({"SETRANGE", "a", "6", "xy"}) == ":8\r\n");
    CHECK(server.run({"APPEND", "a", "z"}) == refusal);
    CHECK(server.run({"STRLEN", "a"}) == ":8\r\n");
}

TEST_CASE("cmd/string: counters refuse what is no integer and what would overflow") {
    InProcess server;
    CHECK(server.run({"INCR", "n"}) == ":1\r\n");
    CHECK(server.run({"DECRBY", "n", "5"}) == ":-4\r\n");
    server.run({"SET", "n", "9223372036854775807"});
    CHECK(server.run({"INCR", "n"}) == "-ERR increment or decrement would overflow\r\n");
    CHECK(server.run({"DECRBY", "n", "-9223372036854775808"}) ==
          "-ERR decrement would overflow\r\n");
    server.run({"SET", "n", " 1"});
    CHECK(server.run({"INCR", "n"}) == "-ERR value is not an integer or out of range\r\n");
    CHECK(server.run({"INCRBY", "n", "1.0"}) == "-ERR value is not an integer or out of range\r\n");
}

TEST_CASE("cmd/string: a counter keeps its expiry") {
    InProcess server;
    server.run({"SET", "n", "1", "PX", "5000"});
    server.run({"INCR", "n"});
    server.run({"INCRBYFLOAT", "n", "0.5"});
    CHECK(server.run({"GET", "n"}) == "$3\r\n2.5\r\n");
    CHECK(server.run({"PTTL", "n"}) == ":5000\r\n");
}

TEST_CASE("cmd/string: INCRBYFLOAT logs its outcome") {
    InProcess server;
    server.run({"SET", "n", "10.50"});
    CHECK(server.run({"INCRBYFLOAT", "n", "0.1"}) == "$4\r\n10.6\r\n");
    CHECK(server.run({"INCRBYFLOAT", "n", "inf"}) ==
          "-ERR increment would produce NaN or Infinity\r\n");
    CHECK(server.run({"INCRBYFLOAT", "n", "x"}) == "-ERR value is not a valid float\r\n");
    CHECK(server.logged() == Records{"SET n 10.50", "SET n 10.6 KEEPTTL"});
}

TEST_CASE("cmd/lcs: the subsequence, its length, its matches from the end") {
    InProcess server;
    server.run({"MSET", "a", "ohmytext", "b", "mynewtext"});
    CHECK(server.run({"LCS", "a", "b"}) == "$6\r\nmytext\r\n");
    CHECK(server.run({"LCS", "a", "b", "LEN"}) == ":6\r\n");
    CHECK(server.run({"LCS", "a", "b", "IDX", "MINMATCHLEN", "4", "WITHMATCHLEN"}) ==
          "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n"
          "$3\r\nlen\r\n:6\r\n");
    CHECK(server.run({"LCS", "a", "none", "IDX"}) ==
          "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n");
    CHECK(server.run({"LCS", "a", "b", "LEN", "IDX"}) ==
          "-ERR If you want both the length and indexes, please just use IDX.\r\n");
}

TEST_CASE("cmd/lcs: strings whose table would be too big are refused") {
    InProcess server;
    server.run({"MSET", "a", std::string(70'000, 'x'), "b", std::string(70'000, 'y')});
    CHECK(server.run({"LCS", "a", "b", "LEN"}) ==
          "-ERR Insufficient memory, failed allocating transient memory for LCS\r\n");
}

}  // namespace tidemark::test
