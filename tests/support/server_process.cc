#include "tests/support/server_process.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>

#include "base/assert.h"
#include "base/sanitized.h"

namespace tidemark::support {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> command_line(ServerKind kind, const std::string& data_folder,
                                      const Endpoint& endpoint, std::vector<std::string> args) {
    std::vector<std::string> line = {server_program(kind),
                                     "--dir",
                                     data_folder,
                                     "--port",
                                     std::to_string(endpoint.port),
                                     "--bind",
                                     "127.0.0.1",
                                     "--unixsocket",
                                     endpoint.unix_path};
    // Ours is durable by default and takes no snapshots; Redis is told to be the same.
    if (kind == ServerKind::kRedis) {
        line.insert(line.end(), {"--save", "", "--appendonly", "yes", "--appendfsync", "always",
                                 "--enable-debug-command", "local"});
    }
    line.insert(line.end(), std::make_move_iterator(args.begin()),
                std::make_move_iterator(args.end()));
    return line;
}

}  // namespace

std::string server_program(ServerKind kind) {
    if (kind == ServerKind::kRedis) return "redis-server";
    const char* path = std::getenv("TIDEMARK_SERVER");
    return path ? path : "build/server/tidemark-server";
}

int free_loopback_port() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    TM_ASSERT(bind(fd, generic, length) == 0);
    TM_ASSERT(getsockname(fd, generic, &length) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

ServerProcess::ServerProcess(ServerKind kind, std::string data_folder,
                             std::vector<std::string> args) {
    // hiredis writes to sockets whose server was killed.
    signal(SIGPIPE, SIG_IGN);
    endpoint_ = {folder_ / "socket", free_loopback_port()};
    process_ = std::make_unique<Process>(
        command_line(kind, data_folder, endpoint_, std::move(args)), folder_ / "output");
}

ServerProcess::~ServerProcess() {
    kill_hard();
}

bool ServerProcess::wait_ready(Milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (Clock::now() < deadline && !process_->poll()) {
        Client client(endpoint_, limit);
        const Reply reply = client.connected() ? client.cmd({"PING"}) : Reply{};
        if (reply.text == "PONG" || reply.text.starts_with("NOAUTH")) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
}

ExitStatus ServerProcess::stop(Milliseconds limit) {
    process_->send_signal(SIGTERM);
    const auto status = process_->wait_for(limit);
    if (!status) FAIL_CHECK("the server did not stop on SIGTERM:\n" << output());
    kill_hard();
    return status.value_or(ExitStatus{});
}

void ServerProcess::kill_hard() {
    process_->send_signal(SIGKILL);
    process_->wait_for(Milliseconds(10'000));
    check_output();
}

size_t ServerProcess::resident_bytes() const {
    const std::string text = read_text_file(fmt::format("/proc/{}/statm", process_->pid()));
    const size_t space = text.find(' ');
    if (space == std::string::npos) return 0;
    return std::strtoull(text.c_str() + space, nullptr, 10) * static_cast<size_t>(getpagesize());
}

void ServerProcess::check_output() {
    if (checked_) return;
    checked_ = true;
    static constexpr std::array<std::string_view, 3> kReports = {
        "Sanitizer", "runtime error: ", "ASSERTION FAILED"};
    const std::string text = output();
    const bool bad = std::any_of(kReports.begin(), kReports.end(), [&](std::string_view report) {
        return text.find(report) != std::string::npos;
    });
    if (bad) FAIL_CHECK("the server reported:\n" << text);
}

std::unique_ptr<ServerProcess> start_server(ServerKind kind, const std::string& data_folder,
                                            std::vector<std::string> args) {
    auto server = std::make_unique<ServerProcess>(kind, data_folder, std::move(args));
    const bool ready = server->wait_ready();
    if (!ready) FAIL("the server did not come up:\n" << server->output());
    return server;
}

bool full_run() {
    const char* value = std::getenv("TIDEMARK_FULL");
    return value && std::string_view(value) == "1";
}

bool sanitized() {
    return TM_SANITIZED != 0;
}

int rounds(int quick, int full) {
    const int all = full_run() ? full : quick;
    if (!sanitized()) return all;
    return std::max(1, all / (full_run() ? 10 : 4));
}

}  // namespace tidemark::support
