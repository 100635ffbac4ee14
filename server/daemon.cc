#include "server/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tidemark::server {

namespace {

const char* notify_socket() {
    return std::getenv("NOTIFY_SOCKET");
}

// Both forms that systemd uses: a path, or an abstract name behind '@'.
bool make_address(std::string_view name, sockaddr_un& address, socklen_t& length) {
    if (name.size() < 2 || name.size() >= sizeof address.sun_path) return false;
    if (name[0] != '/' && name[0] != '@') return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    return true;
}

}  // namespace

Status daemonize() {
    pid_t child = fork();
    if (child < 0) return fail(system_error(errno, "cannot go into the background"));
    // Not exit(): what the child goes on with is not the parent's to flush or destroy.
    if (child > 0) _exit(0);
    setsid();
    int null_fd = open("/dev/null", O_RDWR);
    if (null_fd < 0) return fail(system_error(errno, "cannot open /dev/null"));
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null_fd, fd);
    if (null_fd > STDERR_FILENO) close(null_fd);
    return {};
}

PidFile::~PidFile() {
    if (!path_.empty()) unlink(path_.c_str());
}

Result<PidFile> PidFile::create(const std::string& path) {
    int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return fail(system_error(errno, fmt::format("cannot write pidfile {}", path)));
    std::string text = fmt::format("{}\n", getpid());
    ssize_t written = write(fd, text.data(), text.size());
    int write_errno = errno;
    close(fd);
    if (written != static_cast<ssize_t>(text.size())) {
        unlink(path.c_str());
        return fail(system_error(written < 0 ? write_errno : ENOSPC,
                                 fmt::format("cannot write pidfile {}", path)));
    }
    PidFile file;
    file.path_ = path;
    return file;
}

bool notify_supervisor(std::string_view message) {
    const char* name = notify_socket();
    sockaddr_un address{};
    socklen_t length = 0;
    if (name == nullptr || !make_address(name, address, length)) return false;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    // The one cast that the sockets interface is made of.
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    ssize_t sent = sendto(fd, message.data(), message.size(), MSG_NOSIGNAL, generic, length);
    close(fd);
    return sent == static_cast<ssize_t>(message.size());
}

bool is_supervised(Supervised supervised) {
    if (supervised == Supervised::kNo) return false;
    return notify_socket() != nullptr;
}

}  // namespace tidemark::server
