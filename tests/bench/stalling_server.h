// Answers +PONG to every request line ending it sees, but nothing before a given time has passed
// since the first byte came: what a load must be charged for is then known from below, however busy
// the machine is.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

namespace tidemark::bench {

// One connection of PINGs, one after the other or pipelined.
class StallingServer {
public:
    explicit StallingServer(int stall_ms) : stall_ms_(stall_ms) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* any = static_cast<sockaddr*>(static_cast<void*>(&address));
        ready_ = bind(listener_, any, length) == 0 && listen(listener_, 1) == 0 &&
                 getsockname(listener_, any, &length) == 0;
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~StallingServer() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }
    StallingServer(const StallingServer&) = delete;
    StallingServer& operator=(const StallingServer&) = delete;

    bool ready() const { return ready_; }
    uint16_t port() const { return port_; }

private:
    void serve() {
        const int client = accept(listener_, nullptr, nullptr);
        if (client < 0) return;
        constexpr std::string_view kRequest = "*1\r\n$4\r\nPING\r\n";
        std::array<char, 4096> bytes;
        size_t seen = 0;
        bool stalled = false;
        for (ssize_t n; (n = recv(client, bytes.data(), bytes.size(), 0)) > 0;) {
            if (!stalled) poll(nullptr, 0, stall_ms_);
            stalled = true;
            seen += static_cast<size_t>(n);
            std::string replies;
            for (; seen >= kRequest.size(); seen -= kRequest.size()) replies += "+PONG\r\n";
            if (send(client, replies.data(), replies.size(), MSG_NOSIGNAL) < 0) break;
        }
        close(client);
    }

    const int stall_ms_;
    int listener_ = -1;
    uint16_t port_ = 0;
    bool ready_ = false;
    std::thread thread_;
};

}  // namespace tidemark::bench
