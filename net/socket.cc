#include "net/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tidemark::net {

Socket::~Socket() {
    if (fd_ >= 0) ::close(fd_);
}

Socket& Socket::operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

namespace {

struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

template <class Address>
Address* as(sockaddr_storage& storage) {
    return reinterpret_cast<Address*>(&storage);
}

Result<Endpoint> parse_endpoint(const std::string& address, int port) {
    Endpoint endpoint;
    const auto port_be = htons(static_cast<uint16_t>(port));
    auto* v4 = as<sockaddr_in>(endpoint.storage);
    const std::string v4_text = address == "*" ? "0.0.0.0" : address;
    if (inet_pton(AF_INET, v4_text.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = port_be;
        endpoint.length = sizeof(sockaddr_in);
        return endpoint;
    }
    auto* v6 = as<sockaddr_in6>(endpoint.storage);
    std::memset(&endpoint.storage, 0, sizeof endpoint.storage);
    const std::string v6_text = address == "::*" ? "::" : address;
    if (inet_pton(AF_INET6, v6_text.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = port_be;
        endpoint.length = sizeof(sockaddr_in6);
        return endpoint;
    }
    return fail(ErrorCode::kInvalid,
                fmt::format("bind address '{}' is neither an IPv4 nor an IPv6 address", address));
}

Status enable(int fd, int level, int option, std::string_view what) {
    const int on = 1;
    if (::setsockopt(fd, level, option, &on, sizeof on) != 0) {
        return fail(system_error(errno, what));
    }
    return {};
}

}  // namespace

Result<Socket> listen_tcp(const std::string& address, int port, int backlog) {
    const std::string bare = address.starts_with('-') ? address.substr(1) : address;
    Endpoint endpoint = TM_TRY(parse_endpoint(bare, port));
    const std::string where = fmt::format("Can't listen on {} port {}", bare, port);
    const int family = endpoint.storage.ss_family;
    Socket socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.fd() < 0) return fail(system_error(errno, where));
    TM_CHECK(enable(socket.fd(), SOL_SOCKET, SO_REUSEADDR, where));
    if (family == AF_INET6) TM_CHECK(enable(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, where));
    if (::bind(socket.fd(), as<sockaddr>(endpoint.storage), endpoint.length) != 0 ||
        ::listen(socket.fd(), backlog) != 0) {
        const int error = errno;
        std::string what = where;
        if (error == EADDRINUSE) {
            what += " (another server is there: stop it, or choose another --port)";
        }
        return fail(system_error(error, what));
    }
    return socket;
}

Result<Socket> listen_unix(const std::string& path, unsigned mode, int backlog) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string where = "Can't listen on the Unix socket " + path;
    if (path.size() >= sizeof address.sun_path) {
        return fail(ErrorCode::kInvalid, fmt::format("{}: the path is longer than {} bytes", where,
                                                     sizeof address.sun_path - 1));
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.fd() < 0) return fail(system_error(errno, where));
    struct stat existing {};
    if (::lstat(path.c_str(), &existing) == 0 && S_ISSOCK(existing.st_mode)) {
        ::unlink(path.c_str());  // left by a server that was killed
    }
    if (::bind(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket.fd(), backlog) != 0) {
        return fail(system_error(errno, where));
    }
    if (mode != 0 && ::chmod(path.c_str(), mode) != 0) return fail(system_error(errno, where));
    return socket;
}

void tune_accepted(int fd, int keepalive_seconds) {
    // A socket that refuses an option still works; nothing here is worth dropping a client for.
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (keepalive_seconds <= 0) return;
    // First probe after the interval, then three at a third of it: dead peers go after twice the
    // interval, as Redis documents for tcp-keepalive.
    const int probe_every = keepalive_seconds >= 3 ? keepalive_seconds / 3 : 1;
    const int probes = 3;
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keepalive_seconds, sizeof keepalive_seconds);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &probe_every, sizeof probe_every);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

namespace {

std::string text_of(sockaddr_storage& storage) {
    char host[INET6_ADDRSTRLEN] = {};
    if (storage.ss_family == AF_INET) {
        const auto* v4 = as<sockaddr_in>(storage);
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        return fmt::format("{}:{}", host, ntohs(v4->sin_port));
    }
    if (storage.ss_family == AF_INET6) {
        const auto* v6 = as<sockaddr_in6>(storage);
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        return fmt::format("[{}]:{}", host, ntohs(v6->sin6_port));
    }
    return fmt::format("{}:0", as<sockaddr_un>(storage)->sun_path);
}

bool is_loopback(sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET) {
        return (ntohl(as<sockaddr_in>(storage)->sin_addr.s_addr) >> 24) == 127;
    }
    if (storage.ss_family == AF_INET6) {
        const in6_addr& address = as<sockaddr_in6>(storage)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(&address) != 0;
    }
    return true;
}

}  // namespace

PeerNames names_of(int fd) {
    PeerNames names;
    sockaddr_storage local{};
    sockaddr_storage peer{};
    socklen_t local_length = sizeof local;
    socklen_t peer_length = sizeof peer;
    ::getsockname(fd, as<sockaddr>(local), &local_length);
    ::getpeername(fd, as<sockaddr>(peer), &peer_length);
    names.is_unix = local.ss_family == AF_UNIX;
    names.is_loopback = is_loopback(peer);
    names.local = text_of(local);
    // A Unix peer has no name of its own; Redis shows the listening path for both ends.
    names.peer = names.is_unix ? names.local : text_of(peer);
    return names;
}

}  // namespace tidemark::net
