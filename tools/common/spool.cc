#include "tools/common/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace tidemark::tools {

std::string default_spool_folder() {
    const char* folder = getenv("TMPDIR");
    return folder != nullptr && *folder != '\0' ? folder : "/var/tmp";
}

Result<Spool> Spool::create(const std::string& folder) {
    int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        std::string path = folder + "/tidemark-spool-XXXXXX";
        fd = mkostemp(path.data(), O_CLOEXEC);
        if (fd >= 0) unlink(path.c_str());
    }
    if (fd < 0) {
        return fail(
            system_error(errno, fmt::format("cannot create a temporary file in {}", folder)));
    }
    return Spool(fd);
}

Spool::Spool(Spool&& other) noexcept : fd_(other.fd_), size_(other.size_) {
    other.fd_ = -1;
}

Spool::~Spool() {
    if (fd_ >= 0) close(fd_);
}

Status Spool::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(system_error(errno, "cannot write a temporary file"));
        bytes.remove_prefix(static_cast<size_t>(n));
        size_ += static_cast<uint64_t>(n);
    }
    return {};
}

Result<size_t> Spool::read_at(char* to, size_t length, uint64_t offset) const {
    return read_whole(fd_, to, length, offset, "a temporary file");
}

Result<size_t> read_whole(int fd, char* to, size_t length, uint64_t offset, std::string_view name) {
    size_t done = 0;
    while (done < length) {
        const ssize_t n = pread(fd, to + done, length - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(system_error(errno, fmt::format("cannot read {}", name)));
        if (n == 0) break;
        done += static_cast<size_t>(n);
    }
    return done;
}

}  // namespace tidemark::tools
