#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/in_process.h"

namespace tidemark::test {

TEST_CASE("cmd/connection: PING answers itself or what it was given") {
    InProcess server;
    CHECK(server.run({"PING"}) == "+PONG\r\n");
    CHECK(server.run({"PING", "a"}) == "$1\r\na\r\n");
    CHECK(server.run({"PING", "a", "b"}) ==
          "-ERR wrong number of arguments for 'ping' command\r\n");
    CHECK(server.run({"ECHO", ""}) == "$0\r\n\r\n");
}

TEST_CASE("cmd/connection: SELECT refuses what is not a database in Redis's words") {
    InProcess server;
    CHECK(server.run({"SELECT", "3"}) == "+OK\r\n");
    CHECK(server.session().db == 3);
    CHECK(server.run({"SELECT", "x"}) == "-ERR value is not an integer or out of range\r\n");
    CHECK(server.run({"SELECT", "16"}) == "-ERR DB index is out of range\r\n");
    CHECK(server.run({"SELECT", "-1"}) == "-ERR DB index is out of range\r\n");
    CHECK(server.run({"SELECT", "99999999999"}) ==
          "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n");
    CHECK(server.session().db == 3);
}

TEST_CASE("cmd/connection: HELLO switches the dialect of its own reply") {
    InProcess server;
    CHECK(server.run({"HELLO"}).starts_with("*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n"));
    CHECK(server.run({"HELLO", "3"}).starts_with("%7\r\n"));
    CHECK(server.run({"HELLO", "3"}).find("$5\r\nproto\r\n:3\r\n") != std::string::npos);
    CHECK(server.run({"HELLO", "2"}).starts_with("*14\r\n"));
}

TEST_CASE("cmd/connection: a HELLO that is refused changes nothing") {
    InProcess server;
    CHECK(server.run({"HELLO", "4"}) == "-NOPROTO unsupported protocol version\r\n");
    CHECK(server.run({"HELLO", "x"}) ==
          "-ERR Protocol version is not an integer or out of range\r\n");
    CHECK(server.run({"HELLO", "3", "SETNAME", "a", "FOO"}) ==
          "-ERR Syntax error in HELLO option 'FOO'\r\n");
    CHECK(server.run({"HELLO", "3", "AUTH", "a"}) ==
          "-ERR Syntax error in HELLO option 'AUTH'\r\n");
    CHECK(server.run({"HELLO", "3", "SETNAME", "a b"}) ==
          "-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
    CHECK(server.session().name.empty());
    CHECK(server.session().protocol == resp::Protocol::kResp2);
}

TEST_CASE("cmd/connection: AUTH opens with the password and with nothing else") {
    InProcess server;
    CHECK(server.run({"AUTH", "x"}) ==
          "-ERR AUTH <password> called without any password configured for the default user. Are "
          "you sure your configuration is correct?\r\n");
    server.password = "secret";
    server.session().authenticated = false;
    const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
    for (const std::string& sent :
         std::vector<std::string>{"", "secre", "secrets", "Secret", std::string("secret\0", 7)}) {
        CHECK(server.run({"AUTH", sent}) == wrong);
    }
    CHECK(server.run({"AUTH", "other", "secret"}) == wrong);
    CHECK(server.run({"HELLO", "3"}).starts_with("-NOAUTH HELLO must be called"));
    CHECK_FALSE(server.session().authenticated);
    CHECK(server.run({"AUTH", "a", "b", "c"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"AUTH", "default", "secret"}) == "+OK\r\n");
    CHECK(server.session().authenticated);
}

TEST_CASE("cmd/connection: RESET forgets the transaction, the name and the dialect") {
    InProcess server;
    server.run({"HELLO", "3", "SETNAME", "a"});
    server.run({"SELECT", "2"});
    server.run({"WATCH", "k"});
    server.run({"MULTI"});
    CHECK(server.run({"RESET"}) == "+RESET\r\n");
    CHECK_FALSE(server.session().multi.open);
    CHECK(server.session().watcher.keys.empty());
    CHECK(server.session().name.empty());
    CHECK(server.session().db == 0);
    CHECK(server.run({"CLIENT", "GETNAME"}) == "$-1\r\n");
}

TEST_CASE("cmd/client: names and library are printable words") {
    InProcess server;
    CHECK(server.run({"CLIENT", "SETNAME", "app-1"}) == "+OK\r\n");
    CHECK(server.run({"CLIENT", "GETNAME"}) == "$5\r\napp-1\r\n");
    CHECK(server.run({"CLIENT", "SETNAME", "a\nb"}) ==
          "-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
    CHECK(server.run({"CLIENT", "SETINFO", "lib-name", "x y"}) ==
          "-ERR lib-name cannot contain spaces, newlines or special characters.\r\n");
    CHECK(server.run({"CLIENT", "SETINFO", "foo", "x"}) == "-ERR Unrecognized option 'foo'\r\n");
    CHECK(server.run({"CLIENT", "SETINFO", "LIB-VER", "1.2"}) == "+OK\r\n");
    CHECK(server.run({"CLIENT", "INFO"}).find("lib-name= lib-ver=1.2\n") != std::string::npos);
}

TEST_CASE("cmd/client: LIST shows everyone, or those asked for") {
    InProcess server;
    server.connect();
    auto lines = [](const std::string& reply) {
        return std::count(reply.begin() + static_cast<long>(reply.find('\n')) + 1, reply.end(),
                          '\n') -
               1;
    };
    CHECK(lines(server.run({"CLIENT", "LIST"})) == 2);
    CHECK(lines(server.run({"CLIENT", "LIST", "ID", "2", "9"})) == 1);
    CHECK(lines(server.run({"CLIENT", "LIST", "TYPE", "normal"})) == 2);
    CHECK(lines(server.run({"CLIENT", "LIST", "TYPE", "pubsub"})) == 0);
    CHECK(server.run({"CLIENT", "LIST", "TYPE", "x"}) == "-ERR Unknown client type 'x'\r\n");
    CHECK(server.run({"CLIENT", "LIST", "ID", "x"}) == "-ERR Invalid client ID\r\n");
    CHECK(server.run({"CLIENT", "LIST", "ID"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"CLIENT", "NONE"}) == "-ERR unknown subcommand 'NONE'. Try CLIENT HELP.\r\n");
}

TEST_CASE("cmd/client: KILL takes an address or filters, and spares the caller by default") {
    InProcess server;
    server.session().address = "127.0.0.1:1";
    cmd::Session& other = server.connect();
    other.address = "127.0.0.1:2";
    other.created_us = server.now_ms() * 1000;
    CHECK(server.run({"CLIENT", "KILL", "1.2.3.4:5"}) == "-ERR No such client\r\n");
    CHECK(server.run({"CLIENT", "KILL", "127.0.0.1:2"}) == "+OK\r\n");
    CHECK(server.run({"CLIENT", "KILL", "ID", "1"}) == ":0\r\n");
    CHECK(server.run({"CLIENT", "KILL", "ID", "1", "SKIPME", "no"}) == ":1\r\n");
    CHECK(server.run({"CLIENT", "KILL", "TYPE", "normal"}) == ":1\r\n");
    CHECK(server.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "NO"}) == ":2\r\n");
    CHECK(server.run({"CLIENT", "KILL", "ADDR", "127.0.0.1:2", "MAXAGE", "100"}) == ":0\r\n");
    server.advance_ms(100'000);
    CHECK(server.run({"CLIENT", "KILL", "ADDR", "127.0.0.1:2", "MAXAGE", "100"}) == ":1\r\n");
    CHECK(server.run({"CLIENT", "KILL", "ID", "0"}) ==
          "-ERR client-id should be greater than 0\r\n");
    CHECK(server.run({"CLIENT", "KILL", "USER", "x"}) == "-ERR No such user 'x'\r\n");
    CHECK(server.run({"CLIENT", "KILL", "ID", "1", "ADDR"}) == "-ERR syntax error\r\n");
}

TEST_CASE("cmd/client: REPLY OFF and SKIP are silent, ON answers") {
    InProcess server;
    CHECK(server.run({"CLIENT", "REPLY", "OFF"}).empty());
    CHECK(server.session().reply_mode == cmd::ReplyMode::kOff);
    CHECK(server.run({"CLIENT", "REPLY", "SKIP"}).empty());
    CHECK(server.session().reply_mode == cmd::ReplyMode::kOff);
    CHECK(server.run({"CLIENT", "REPLY", "ON"}) == "+OK\r\n");
    CHECK(server.run({"CLIENT", "REPLY", "x"}) == "-ERR syntax error\r\n");
}

TEST_CASE("cmd/command: GETKEYS finds the keys of a whole command") {
    InProcess server;
    CHECK(server.run({"COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"}) ==
          "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    CHECK(server.run({"COMMAND", "GETKEYS", "OBJECT", "ENCODING", "k"}) == "*1\r\n$1\r\nk\r\n");
    CHECK(server.run({"COMMAND", "GETKEYS", "PING", "x"}) ==
          "-ERR The command has no key arguments\r\n");
    CHECK(server.run({"COMMAND", "GETKEYS", "NOPE", "x"}) == "-ERR Invalid command specified\r\n");
    CHECK(server.run({"COMMAND", "GETKEYS", "GET", "a", "b"}) ==
          "-ERR Invalid number of arguments specified for command\r\n");
    CHECK(server.run({"COMMAND", "GETKEYSANDFLAGS", "SET", "a", "b", "get"}) ==
          "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n");
    CHECK(server.run({"COMMAND", "GETKEYSANDFLAGS", "SET", "a", "b"}) ==
          "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n");
}

TEST_CASE("cmd/command: INFO and LIST answer for what exists") {
    InProcess server;
    CHECK(server.run({"COMMAND", "INFO", "nope"}) == "*1\r\n*-1\r\n");
    CHECK(server.run({"COMMAND", "LIST", "FILTERBY", "PATTERN", "getr*"}) ==
          "*1\r\n$8\r\ngetrange\r\n");
    CHECK(server.run({"COMMAND", "LIST", "FILTERBY", "MODULE", "x"}) == "*0\r\n");
    CHECK(server.run({"COMMAND", "LIST", "FILTERBY", "ACLCAT", "nope"}) == "*0\r\n");
    CHECK(server.run({"COMMAND", "LIST", "FILTERBY"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"COMMAND", "INFO", "get"}) ==
          "*1\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"
          "*3\r\n+@read\r\n+@string\r\n+@fast\r\n*0\r\n*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RO\r\n"
          "+access\r\n$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n"
          "*2\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n"
          "$4\r\nspec\r\n*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n"
          "*0\r\n");
}

TEST_CASE("cmd/server: SHUTDOWN checks its words before it does anything") {
    InProcess server;
    CHECK(server.run({"SHUTDOWN", "NOSAVE", "SAVE"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"SHUTDOWN", "x"}) == "-ERR syntax error\r\n");
    CHECK(server.run({"SHUTDOWN", "ABORT"}) == "-ERR No shutdown in progress.\r\n");
    CHECK(server.run({"SHUTDOWN", "ABORT", "NOW"}) == "-ERR syntax error\r\n");
}

TEST_CASE("cmd/debug: OBJECT describes the value, unknown words are refused") {
    InProcess server;
    server.run({"SET", "a", "hello"});
    std::string line = server.run({"DEBUG", "OBJECT", "a"});
    CHECK(line.find(" refcount:1 encoding:embstr serializedlength:6 lru:") != std::string::npos);
    CHECK(server.run({"DEBUG", "OBJECT", "b"}) == "-ERR no such key\r\n");
    CHECK(server.run({"DEBUG", "NOPE"}) ==
          "-ERR unknown subcommand or wrong number of arguments for 'NOPE'. Try DEBUG HELP.\r\n");
}

}  // namespace tidemark::test
