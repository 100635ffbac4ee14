#include "tools/common/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace tidemark::tools {

namespace {

constexpr int kBackupsMax = 1000;

Error path_error(std::string_view what, const std::string& path) {
    return system_error(errno, fmt::format("{} {}", what, path));
}

bool exists(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0;
}

Status write_whole(int fd, std::string_view bytes, uint64_t offset, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t n = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(path_error("cannot write", path));
        bytes.remove_prefix(static_cast<size_t>(n));
        offset += static_cast<uint64_t>(n);
    }
    return {};
}

// Who could read the old one can read the new one.
void copy_mode(const std::string& from, int fd) {
    struct stat status {};
    if (stat(from.c_str(), &status) != 0) return;
    // The owner can be given by root only; for others the mode has to do.
    [[maybe_unused]] const int owner = fchown(fd, status.st_uid, status.st_gid);
    [[maybe_unused]] const int mode = fchmod(fd, status.st_mode & 07777);
}

}  // namespace

mode_t output_mode(const struct stat& input) {
    return S_ISREG(input.st_mode) ? kOutputMode & (input.st_mode | S_IRUSR | S_IWUSR) : kOutputMode;
}

Status sync_folder_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(path_error("cannot open the folder", folder));
    const bool is_synced = fsync(fd) == 0;
    const Error error = path_error("cannot sync the folder", folder);
    close(fd);
    return is_synced ? Status{} : fail(error);
}

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path, IfExists if_exists,
                                                       size_t buffer_bytes, mode_t mode) {
    if (if_exists == IfExists::kRefuse && exists(path)) {
        return fail(ErrorCode::kExists,
                    fmt::format("{} exists already; name another file or give --overwrite", path));
    }
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return fail(ErrorCode::kInvalid, fmt::format("{} is not a file", path));
    }
    std::string temporary = fmt::format("{}.tmp-{}", path, getpid());
    const int fd = open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) return fail(path_error("cannot create", temporary));
    copy_mode(path, fd);
    return std::unique_ptr<OutputFile>(
        new OutputFile(path, std::move(temporary), if_exists, buffer_bytes, fd));
}

OutputFile::OutputFile(std::string path, std::string temporary, IfExists if_exists,
                       size_t buffer_bytes, int fd)
    : path_(std::move(path)),
      temporary_(std::move(temporary)),
      if_exists_(if_exists),
      buffer_bytes_(buffer_bytes),
      fd_(fd) {}

OutputFile::~OutputFile() {
    close(fd_);
    if (!is_committed_) unlink(temporary_.c_str());
}

Status OutputFile::write(std::string_view bytes) {
    if (pending_.size() + bytes.size() > buffer_bytes_) TM_CHECK(flush());
    size_ += bytes.size();
    if (bytes.size() > buffer_bytes_) {
        return write_whole(fd_, bytes, size_ - bytes.size(), temporary_);
    }
    pending_.append(bytes);
    return {};
}

Status OutputFile::flush() {
    TM_CHECK(write_whole(fd_, pending_.view(), size_ - pending_.size(), temporary_));
    pending_.clear();
    return {};
}

Status OutputFile::write_at(std::string_view bytes, uint64_t offset) {
    TM_CHECK(flush());
    return write_whole(fd_, bytes, offset, temporary_);
}

Status OutputFile::commit() {
    TM_CHECK(flush());
    if (fsync(fd_) != 0) return fail(path_error("cannot sync", temporary_));
    TM_CHECK(put_in_place());
    is_committed_ = true;
    return sync_folder_of(path_);
}

Status OutputFile::put_in_place() {
    if (if_exists_ == IfExists::kKeepBackup && exists(path_)) TM_CHECK(keep_backup());
    if (if_exists_ == IfExists::kRefuse) {
        // Unlike rename, link does not replace what has come into being meanwhile.
        if (link(temporary_.c_str(), path_.c_str()) == 0) {
            unlink(temporary_.c_str());
            return {};
        }
        if (errno == EEXIST) return fail(path_error("cannot create", path_));
    }
    if (rename(temporary_.c_str(), path_.c_str()) != 0) {
        return fail(path_error("cannot rename to", path_));
    }
    return {};
}

// A second name for the old file, so that its place is never empty.
Status OutputFile::keep_backup() {
    for (int i = 0; i < kBackupsMax; ++i) {
        backup_path_ = i == 0 ? path_ + ".bak" : fmt::format("{}.bak.{}", path_, i);
        if (link(path_.c_str(), backup_path_.c_str()) == 0) return {};
        if (errno != EEXIST) return fail(path_error("cannot keep a backup as", backup_path_));
    }
    return fail(ErrorCode::kExists, fmt::format("there are {} backups already: {}.bak to {}",
                                                kBackupsMax, path_, backup_path_));
}

}  // namespace tidemark::tools
