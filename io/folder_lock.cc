#include "io/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/number.h"

namespace tidemark::io {

namespace {

// "process 123", or something to say when the holder has not written its pid yet.
std::string holder_of(int fd) {
    std::array<char, 32> text{};
    const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
    std::string_view pid(text.data(), got > 0 ? static_cast<size_t>(got) : 0);
    if (!pid.empty() && pid.back() == '\n') pid.remove_suffix(1);
    if (!parse_uint64(pid)) return "another process";
    return std::string("process ").append(pid);
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder) {
    std::string path(folder);
    path.append("/").append(kFileName);
    // Without O_CLOEXEC a child that outlives us would keep the lock.
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return fail(system_error(errno, "Can't open the lock file " + path));
    FolderLock lock(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int refused = errno;
        if (refused != EWOULDBLOCK) return fail(system_error(refused, "Can't lock " + path));
        std::string what("The folder ");
        what.append(folder).append(" is in use by ").append(holder_of(fd));
        what.append(": stop that server, or give this one another folder (--dir)");
        return fail(ErrorCode::kExists, std::move(what));
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) != 0 ||
        ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return fail(system_error(errno, "Can't write the lock file " + path));
    }
    return lock;
}

void FolderLock::release() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

}  // namespace tidemark::io
