// One server a folder: an flock'ed file in it. The kernel drops the lock with the process, however
// it ends, so a file that kill -9 left behind locks nobody out. The file stays when the lock goes:
// removing it could take it away from the next holder.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace tidemark::io {

class FolderLock {
public:
    static constexpr const char* kFileName = "tidemark.lock";

    // Takes the lock of `folder`, or fails with kExists and a sentence that names the folder and
    // the pid of the holder. Does not wait.
    static Result<FolderLock> take(const std::string& folder);

    ~FolderLock() { release(); }
    FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FolderLock& operator=(FolderLock&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    explicit FolderLock(int fd) : fd_(fd) {}
    void release();

    int fd_ = -1;
};

}  // namespace tidemark::io
