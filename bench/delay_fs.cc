// delay-fs: a FUSE file system with one file, `image`, whose fsync sleeps for a given time. With a
// loop device on the image and ext4 on that, every flush of any program takes that long.
//
//   delay-fs BACKING_FILE DELAY_US MOUNT_POINT     stays in the foreground; SIGTERM unmounts
//
// Reads and writes go to BACKING_FILE at once. The sync itself is not passed on: a flush takes the
// given time whatever the real disk does, which is what makes runs comparable; the image is not
// meant to survive. libfuse runs the requests on several threads, so a sleeping fsync does not stop
// the writes beside it.
#define FUSE_USE_VERSION 31

#include <fcntl.h>
#include <fmt/format.h>
#include <fuse3/fuse.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>
#include <string_view>

#include "base/number.h"

namespace {

constexpr std::string_view kRoot = "/";
constexpr std::string_view kImage = "/image";
constexpr unsigned kWriteBytesMax = 1024 * 1024;

struct Backing {
    int fd = -1;
    timespec delay{};
};

const Backing& backing() {
    return *static_cast<const Backing*>(fuse_get_context()->private_data);
}

void* begin(fuse_conn_info* connection, fuse_config* config) {
    connection->max_write = kWriteBytesMax;
    config->kernel_cache = 1;  // nobody else writes the backing file
    return fuse_get_context()->private_data;
}

int attributes(const char* path, struct stat* to, fuse_file_info*) {
    if (path == kImage) return fstat(backing().fd, to) == 0 ? 0 : -errno;
    if (path != kRoot) return -ENOENT;
    *to = {};
    to->st_mode = S_IFDIR | 0700;
    to->st_nlink = 2;
    return 0;
}

int list(const char*, void* buffer, fuse_fill_dir_t fill, off_t, fuse_file_info*,
         fuse_readdir_flags) {
    fill(buffer, kImage.substr(1).data(), nullptr, 0, fuse_fill_dir_flags{});
    return 0;
}

int open_image(const char* path, fuse_file_info*) {
    return path == kImage ? 0 : -ENOENT;
}

int read_image(const char*, char* to, size_t bytes, off_t at, fuse_file_info*) {
    const ssize_t n = pread(backing().fd, to, bytes, at);
    return n < 0 ? -errno : static_cast<int>(n);
}

int write_image(const char*, const char* from, size_t bytes, off_t at, fuse_file_info*) {
    const ssize_t n = pwrite(backing().fd, from, bytes, at);
    return n < 0 ? -errno : static_cast<int>(n);
}

int sync_image(const char*, int, fuse_file_info*) {
    clock_nanosleep(CLOCK_MONOTONIC, 0, &backing().delay, nullptr);
    return 0;
}

fuse_operations operations() {
    fuse_operations all{};
    all.init = begin;
    all.getattr = attributes;
    all.readdir = list;
    all.open = open_image;
    all.read = read_image;
    all.write = write_image;
    all.fsync = sync_image;
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const auto delay_us = argc == 4 ? tidemark::parse_uint64(argv[2]) : std::optional<uint64_t>{};
    if (!delay_us) {
        fmt::print(stderr, "usage: delay-fs BACKING_FILE DELAY_US MOUNT_POINT\n");
        return 2;
    }
    Backing image;
    image.fd = open(argv[1], O_RDWR | O_CLOEXEC);
    if (image.fd < 0) {
        fmt::print(stderr, "delay-fs: cannot open {}: {}.\n", argv[1], std::strerror(errno));
        return 2;
    }
    constexpr uint64_t kUsPerSecond = 1'000'000;
    image.delay = {static_cast<time_t>(*delay_us / kUsPerSecond),
                   static_cast<long>(*delay_us % kUsPerSecond * 1000)};
    prctl(PR_SET_TIMERSLACK, 1);  // inherited by libfuse's threads
    std::array<char*, 4> words = {argv[0], const_cast<char*>("-f"),
                                  const_cast<char*>("-ofsname=delay-fs"), argv[3]};
    const fuse_operations all = operations();
    return fuse_main(static_cast<int>(words.size()), words.data(), &all, &image);
}
