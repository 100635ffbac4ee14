// Settings that only show on a real server: where it listens, whom it turns away, how it leaves the
// terminal.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using std::chrono::milliseconds;
using support::Client;
using support::RawSocket;
using support::ServerKind;
using support::ServerProcess;
using support::start_server;
using support::TempFolder;

constexpr size_t kMegabyte = size_t{1} << 20;

// What the server says to `PING` from that address and port; empty: nobody is there.
std::string ping(const sockaddr* address, socklen_t length) {
    const int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string answer;
    if (::connect(fd, address, length) == 0) {
        static_cast<void>(!::send(fd, "PING\r\n", 6, MSG_NOSIGNAL));
        char bytes[512];
        const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
        if (got > 0) answer.assign(bytes, static_cast<size_t>(got));
    }
    ::close(fd);
    return answer;
}

std::string ping_v4(in_addr host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr = host;
    address.sin_port = htons(static_cast<uint16_t>(port));
    return ping(reinterpret_cast<sockaddr*>(&address), sizeof address);
}

std::string ping_v6_loopback(int port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(static_cast<uint16_t>(port));
    return ping(reinterpret_cast<sockaddr*>(&address), sizeof address);
}

// An IPv4 address of this machine that is not loopback.
bool other_address(in_addr* found) {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return false;
    bool has = false;
    for (const ifaddrs* one = all; one != nullptr && !has; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
        *found = reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr;
        has = (ntohl(found->s_addr) >> 24) != 127;
    }
    ::freeifaddrs(all);
    return has;
}

}  // namespace

TEST_CASE("settings: a reader past its output limit is closed, at once or when it lasts") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path());
    Client client = server->connect();
    REQUIRE(client.cmd({"SET", "large", std::string(kMegabyte, 'x')}).ok());
    int closed = 0;
    for (const char* limit : {"normal 8mb 0 0", "normal 0 2mb 1"}) {
        CAPTURE(limit);
        REQUIRE(client.cmd({"CONFIG", "SET", "client-output-buffer-limit", limit}).ok());
        RawSocket deaf(server->endpoint());
        std::string requests;
        for (int i = 0; i < 40; ++i) requests += "GET large\r\n";
        deaf.send(requests, milliseconds(500));
        const std::string wanted =
            fmt::format("client_output_buffer_limit_disconnections:{}\r\n", ++closed);
        bool counted = false;
        for (int tries = 0; tries < 500 && !counted; ++tries) {
            std::this_thread::sleep_for(milliseconds(20));
            counted = client.cmd({"INFO", "stats"}).text.find(wanted) != std::string::npos;
        }
        CHECK(counted);
    }
}

TEST_CASE("settings: it listens on both loopback addresses, and nowhere else by itself") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path(), {"--bind", "127.0.0.1", "-::1"});
    in_addr loopback{htonl(INADDR_LOOPBACK)};
    CHECK(ping_v4(loopback, server->tcp().port) == "+PONG\r\n");
    const bool has_v6 = std::ifstream("/proc/net/if_inet6").peek() != EOF;
    if (has_v6) CHECK(ping_v6_loopback(server->tcp().port) == "+PONG\r\n");
    in_addr other{};
    if (other_address(&other)) CHECK(ping_v4(other, server->tcp().port).empty());
}

TEST_CASE("settings: in protected mode a stranger is turned away, with a password he may ask") {
    in_addr other{};
    if (!other_address(&other)) {
        MESSAGE("skipped: this machine has no address but loopback");
        return;
    }
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path(), {"--bind", "*"});
    const int port = server->tcp().port;
    CHECK(ping_v4(other, port).substr(0, 8) == "-DENIED ");
    Client client = server->connect();
    REQUIRE(client.cmd({"CONFIG", "SET", "requirepass", "secret"}).ok());
    CHECK(ping_v4(other, port) == "-NOAUTH Authentication required.\r\n");
    REQUIRE(client.cmd({"CONFIG", "SET", "requirepass", "", "protected-mode", "no"}).ok());
    CHECK(ping_v4(other, port) == "+PONG\r\n");
}

TEST_CASE("settings: the Unix socket has the permissions asked for") {
    const TempFolder data;
    auto server = start_server(ServerKind::kTidemark, data.path(), {"--unixsocketperm", "700"});
    struct stat status {};
    REQUIRE(::stat(server->endpoint().unix_path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("settings: daemonize leaves the terminal, writes its pid, logs to its file") {
    const TempFolder data;
    const std::string pid_path = data / "server.pid";
    ServerProcess parent(ServerKind::kTidemark, data.path(),
                         {"--daemonize", "yes", "--pidfile", pid_path, "--logfile", "server.log"});
    const auto left = parent.process().wait_for(milliseconds(10'000));
    REQUIRE(left.has_value());
    CHECK(left->code == 0);
    const auto is_up = [&] { return parent.connect().cmd({"PING"}).text == "PONG"; };
    for (int tries = 0; tries < 500 && !is_up(); ++tries) {
        std::this_thread::sleep_for(milliseconds(20));
    }
    int pid = 0;
    std::ifstream(pid_path) >> pid;
    REQUIRE(pid > 1);
    CHECK(parent.connect().cmd({"SET", "a", "1"}).ok());
    REQUIRE(::kill(pid, SIGTERM) == 0);
    for (int tries = 0; tries < 500 && ::access(pid_path.c_str(), F_OK) == 0; ++tries) {
        std::this_thread::sleep_for(milliseconds(20));
    }
    CHECK(::access(pid_path.c_str(), F_OK) != 0);
    std::string log;
    std::getline(std::ifstream(data / "server.log"), log, '\0');
    CHECK(log.find("Ready to accept connections") != std::string::npos);
    auto again = start_server(ServerKind::kTidemark, data.path());
    CHECK(again->connect().cmd({"GET", "a"}).text == "1");
}

}  // namespace tidemark
