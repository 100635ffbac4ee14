#include "bench/slow_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "bench/programs.h"

namespace tidemark::bench {

namespace {

constexpr uint64_t kImageBytes = uint64_t{2} << 30;  // sparse
constexpr int kMountMsMax = 5'000;
constexpr int kMountPollMs = 5;
constexpr int kEndMsMax = 3'000;

}  // namespace

std::string slow_disk_hindrance() {
    if (geteuid() != 0) return "a slow disk takes root (a FUSE file system and a loop device)";
    if (access(delay_fs_path().c_str(), X_OK) != 0) {
        return "delay-fs was not built: install libfuse3-dev and build again";
    }
    if (access("/dev/fuse", R_OK | W_OK) != 0) return "there is no /dev/fuse here";
    if (access("/dev/loop-control", R_OK | W_OK) != 0) return "there are no loop devices here";
    return {};
}

Result<SlowDisk> SlowDisk::create(ScratchFolder& scratch, uint64_t delay_us) {
    SlowDisk slow;
    const std::string backing = TM_TRY(scratch.subfolder("slow-backing")) + "/image";
    const int fd = open(backing.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const bool sized = fd >= 0 && ftruncate(fd, off_t{kImageBytes}) == 0;
    const int made_errno = errno;
    if (fd >= 0) close(fd);
    if (!sized) return fail(system_error(made_errno, "cannot create " + backing));

    slow.fuse_folder_ = TM_TRY(scratch.subfolder("slow-fuse"));
    slow.output_path_ = scratch.path() + "/delay-fs-output.txt";
    slow.daemon_ = TM_TRY(ChildProcess::start(
        {{delay_fs_path(), backing, fmt::to_string(delay_us), slow.fuse_folder_},
         slow.output_path_,
         std::nullopt}));
    const std::string image = slow.fuse_folder_ + "/image";
    TM_CHECK(slow.wait_mounted(image));
    const std::string mount_point = TM_TRY(scratch.subfolder("slow"));
    slow.disk_.emplace(TM_TRY(LoopDisk::create(image, kImageBytes, mount_point, scratch.path())));
    return slow;
}

SlowDisk::~SlowDisk() {
    disk_.reset();
    if (fuse_folder_.empty() || daemon_.pid() <= 0) return;
    daemon_.send_signal(SIGTERM);  // it unmounts and ends
    if (!daemon_.wait_ms(kEndMsMax)) umount2(fuse_folder_.c_str(), MNT_DETACH);
}

Status SlowDisk::wait_mounted(const std::string& image) {
    struct stat info {};
    for (int waited = 0; stat(image.c_str(), &info) != 0; waited += kMountPollMs) {
        if (!daemon_.running() || waited > kMountMsMax) {
            return fail(ErrorCode::kIo,
                        fmt::format("delay-fs did not mount: {}", last_lines_of(output_path_)));
        }
        poll(nullptr, 0, kMountPollMs);
    }
    return {};
}

}  // namespace tidemark::bench
