#include "io/real_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace tidemark::io {

namespace {

Error file_error(int sys_errno, std::string_view verb, const std::string& path,
                 uint64_t offset = kNoOffset) {
    std::string what("Can't ");
    what.append(verb).append(" ").append(path);
    if (offset != kNoOffset) what.append(" at byte ").append(std::to_string(offset));
    Error error = system_error(sys_errno, what);
    error.offset = offset;
    return error;
}

// A folder gets a full fsync: what fdatasync covers of one is promised nowhere (on ext4 with a
// journal, cut off right behind it, a rename was there again), and the full one costs no more.
enum class Kind { kFile, kFolder };

class RealFile final : public File {
public:
    RealFile(int fd, std::string path, Kind kind, Ring* ring)
        : fd_(fd), kind_(kind), path_(std::move(path)), ring_(ring) {}
    ~RealFile() override {
        ::close(fd_);
        if (direct_fd_ >= 0) ::close(direct_fd_);
    }

    Result<uint64_t> size() override {
        struct stat status {};
        if (::fstat(fd_, &status) != 0) return fail(file_error(errno, "get the size of", path_));
        return static_cast<uint64_t>(status.st_size);
    }

    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        size_t done = 0;
        while (done < length) {
            const ssize_t got =
                ::pread(fd_, to + done, length - done, static_cast<off_t>(offset + done));
            if (got == 0) break;
            if (got > 0) {
                done += static_cast<size_t>(got);
            } else if (errno != EINTR) {
                return fail(file_error(errno, "read", path_, offset + done));
            }
        }
        return done;
    }

    Status write_at(std::string_view bytes, uint64_t offset) override {
        while (!bytes.empty()) {
            const ssize_t put =
                ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (put < 0) {
                if (errno == EINTR) continue;
                return fail(file_error(errno, "write to", path_, offset));
            }
            bytes.remove_prefix(static_cast<size_t>(put));
            offset += static_cast<uint64_t>(put);
        }
        return {};
    }

    Status truncate(uint64_t size) override {
        while (::ftruncate(fd_, static_cast<off_t>(size)) != 0) {
            if (errno != EINTR) return fail(file_error(errno, "truncate", path_, size));
        }
        return {};
    }

    Status allocate(uint64_t offset, uint64_t length) override {
        while (::fallocate(fd_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                           static_cast<off_t>(length)) != 0) {
            if (errno == EINTR) continue;
            Error error = file_error(errno, "reserve room in", path_, offset);
            // A file system that cannot reserve (ZFS, some FUSE ones) is not a full disk.
            if (error.sys_errno == EOPNOTSUPP) error.code = ErrorCode::kUnsupported;
            return fail(std::move(error));
        }
        return {};
    }

    // Not tried again after EINTR or anything else: a second call would report success for pages
    // whose write back has failed.
    Status data_sync() override {
        const int result = kind_ == Kind::kFolder ? ::fsync(fd_) : ::fdatasync(fd_);
        if (result != 0) return fail(file_error(errno, "sync", path_));
        return {};
    }

    void start_data_sync(Operation& done) override {
        TM_ASSERT(ring_ != nullptr);
        if (kind_ == Kind::kFolder) {
            ring_->fsync(fd_, done);
        } else {
            ring_->fdatasync(fd_, done);
        }
    }

    void drop_cached(uint64_t offset, uint64_t length) override {
        ::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(length),
                        POSIX_FADV_DONTNEED);
    }

    void start_write(std::string_view bytes, uint64_t offset, Operation& done) override {
        TM_ASSERT(ring_ != nullptr);
        ring_->write(fd_, bytes, offset, done);
    }

    // A descriptor of its own, because O_DIRECT holds for all that is written by one.
    bool open_direct() override {
        if (direct_fd_ >= 0) return true;
        direct_fd_ = ::open(path_.c_str(), O_WRONLY | O_DIRECT | O_DSYNC | O_CLOEXEC);
        if (direct_fd_ < 0) return false;
        struct stat here {};
        struct stat there {};
        const bool same = ::fstat(fd_, &here) == 0 && ::fstat(direct_fd_, &there) == 0 &&
                          here.st_dev == there.st_dev && here.st_ino == there.st_ino;
        if (!same) ::close(std::exchange(direct_fd_, -1));
        return same;
    }

    void start_direct_write(std::string_view bytes, uint64_t offset, Operation& done) override {
        TM_ASSERT(ring_ != nullptr && direct_fd_ >= 0);
        ring_->write(direct_fd_, bytes, offset, done);
    }

private:
    int fd_;
    int direct_fd_ = -1;
    Kind kind_;
    std::string path_;
    Ring* ring_;
};

int open_flags(OpenMode mode) {
    switch (mode) {
        case OpenMode::kRead:
            return O_RDONLY;
        case OpenMode::kReadWrite:
            return O_RDWR;
        case OpenMode::kCreate:
            return O_RDWR | O_CREAT;
        case OpenMode::kCreateNew:
            return O_RDWR | O_CREAT | O_EXCL;
        case OpenMode::kTruncate:
            return O_RDWR | O_CREAT | O_TRUNC;
    }
    return O_RDONLY;
}

}  // namespace

Result<std::unique_ptr<File>> RealDisk::open(const std::string& path, OpenMode mode) {
    int fd = -1;
    do {
        fd = ::open(path.c_str(), open_flags(mode) | O_CLOEXEC, 0644);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) return fail(file_error(errno, "open", path));
    struct stat status {};
    const bool is_folder = ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
    return std::make_unique<RealFile>(fd, path, is_folder ? Kind::kFolder : Kind::kFile, ring_);
}

Status RealDisk::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        std::string both(from);
        both.append(" to ").append(to);
        return fail(file_error(errno, "rename", both));
    }
    return {};
}

Status RealDisk::remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0) return fail(file_error(errno, "remove", path));
    return {};
}

Result<bool> RealDisk::exists(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return fail(file_error(errno, "look at", path));
}

Status RealDisk::make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0755) == 0) return {};
    const int refused = errno;
    struct stat status {};
    if (refused == EEXIST && ::stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return {};
        return fail(file_error(ENOTDIR, "make the folder", path));
    }
    return fail(file_error(refused, "make the folder", path));
}

Result<std::vector<std::string>> RealDisk::list(const std::string& folder) {
    DIR* const stream = ::opendir(folder.c_str());
    if (stream == nullptr) return fail(file_error(errno, "list the folder", folder));
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
        const std::string_view name(entry->d_name);
        if (name != "." && name != "..") names.emplace_back(name);
        errno = 0;
    }
    const int error = errno;
    ::closedir(stream);
    if (error != 0) return fail(file_error(error, "list the folder", folder));
    // In the order of the names, so that what is done with them does not depend on the disk.
    std::sort(names.begin(), names.end());
    return names;
}

Status RealDisk::sync_folder(const std::string& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(file_error(errno, "open the folder", folder));
    const int error = ::fsync(fd) != 0 ? errno : 0;
    ::close(fd);
    if (error != 0) return fail(file_error(error, "sync the folder", folder));
    return {};
}

bool file_system_copies_on_write(uint64_t magic) {
    // From the kernel's linux/magic.h, OpenZFS's and bcachefs's sources; not all are in the
    // headers that this is built with.
    constexpr uint64_t kBtrfs = 0x9123683E;
    constexpr uint64_t kZfs = 0x2FC12FC1;
    constexpr uint64_t kBcachefs = 0xCA451A4E;
    return magic == kBtrfs || magic == kZfs || magic == kBcachefs;
}

bool RealDisk::copies_on_write(const std::string& folder) {
    struct statfs about {};
    if (::statfs(folder.c_str(), &about) != 0) return false;
    return file_system_copies_on_write(static_cast<uint32_t>(about.f_type));
}

}  // namespace tidemark::io
