// Listening sockets and the options that accepted ones get.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::net {

// A file descriptor that closes itself.
class Socket {
public:
    Socket() = default;
    explicit Socket(int fd) : fd_(fd) {}
    ~Socket();
    Socket(Socket&& other) noexcept : fd_(other.release()) {}
    Socket& operator=(Socket&& other) noexcept;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    int fd() const { return fd_; }
    int release() {
        const int fd = fd_;
        fd_ = -1;
        return fd;
    }

private:
    int fd_ = -1;
};

// `address` as in the `bind` directive: an IPv4 or IPv6 address, "*" or "::*" for every interface,
// with a leading "-" when it may be missing on this machine. Port 0 is not accepted.
Result<Socket> listen_tcp(const std::string& address, int port, int backlog);
// Removes a stale socket file first. `mode` as for chmod; 0 leaves it to the umask.
Result<Socket> listen_unix(const std::string& path, unsigned mode, int backlog);

// TCP_NODELAY and keep-alive (0: off) on an accepted connection.
void tune_accepted(int fd, int keepalive_seconds);

struct PeerNames {
    std::string peer;  // "127.0.0.1:5000", "[::1]:5000", "/tmp/s.sock:0"
    std::string local;
    bool is_unix = false;
    bool is_loopback = false;  // also true for Unix sockets
};
PeerNames names_of(int fd);

}  // namespace tidemark::net
