#include "bench/loop_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/loop.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "bench/child_process.h"

namespace tidemark::bench {

namespace {

// The kernel's ext4 and xfs know it under names of their own; the number is the same.
constexpr unsigned long kShutdownRequest = _IOR('X', 125, uint32_t);
constexpr uint32_t kShutdownWithoutLogFlush = 2;

// Somebody else may take the free device that we were told of.
constexpr int kAttachTries = 20;
// A killed server's ring lets go of its files a little after the process is gone.
constexpr int kUnmountTries = 500;
constexpr int kUnmountPauseMs = 10;

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

Status make_image(const std::string& image, uint64_t bytes) {
    const Descriptor file(open(image.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (file.get() < 0) return fail(system_error(errno, "cannot create " + image));
    const off_t size = lseek(file.get(), 0, SEEK_END);
    if (size > 0) return {};
    if (ftruncate(file.get(), static_cast<off_t>(bytes)) == 0) return {};
    return fail(system_error(errno, "cannot size " + image));
}

}  // namespace

Status enter_private_mounts() {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return fail(system_error(errno, "cannot mount anything"));
    }
    return {};
}

Result<LoopDisk> LoopDisk::create(const std::string& image, uint64_t bytes,
                                  const std::string& mount_point, const std::string& scratch) {
    TM_CHECK(make_image(image, bytes));
    LoopDisk disk(image, mount_point);
    {
        std::string device;
        const Descriptor attached(TM_TRY(disk.attach(device)));
        TM_CHECK(run_to_end({"mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0", device},
                            scratch + "/mkfs-output.txt"));
    }
    TM_CHECK(disk.mount_image());
    return disk;
}

LoopDisk::LoopDisk(LoopDisk&& other) noexcept
    : image_(std::move(other.image_)),
      mount_point_(std::move(other.mount_point_)),
      mounted_(std::exchange(other.mounted_, false)) {}

LoopDisk::~LoopDisk() {
    if (!mounted_) return;
    // Nothing on it is wanted any more.
    if (!unmount()) umount2(mount_point_.c_str(), MNT_DETACH);
}

// A descriptor of the device keeps it attached.
Result<int> LoopDisk::attach(std::string& device) const {
    const Descriptor control(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
    if (control.get() < 0) return fail(system_error(errno, "no loop devices here"));
    const Descriptor file(open(image_.c_str(), O_RDWR | O_CLOEXEC));
    if (file.get() < 0) return fail(system_error(errno, "cannot open " + image_));
    for (int tries = 0; tries < kAttachTries; tries++) {
        const int number = ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) break;
        device = fmt::format("/dev/loop{}", number);
        const int fd = open(device.c_str(), O_RDWR | O_CLOEXEC);
        if (fd < 0) break;
        loop_config config{};
        config.fd = static_cast<uint32_t>(file.get());
        config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
        if (ioctl(fd, LOOP_CONFIGURE, &config) == 0) return fd;
        const int configure_errno = errno;
        close(fd);
        errno = configure_errno;
        if (errno != EBUSY) break;
    }
    return fail(system_error(errno, "cannot set up a loop device"));
}

Status LoopDisk::mount_image() {
    std::string device;
    const Descriptor attached(TM_TRY(attach(device)));
    if (mount(device.c_str(), mount_point_.c_str(), "ext4", MS_NOATIME, "") != 0) {
        return fail(system_error(errno, "cannot mount " + device));
    }
    mounted_ = true;
    return {};
}

Status LoopDisk::cut() const {
    const Descriptor folder(open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    uint32_t how = kShutdownWithoutLogFlush;
    if (folder.get() < 0 || ioctl(folder.get(), kShutdownRequest, &how) != 0) {
        return fail(system_error(errno, "cannot shut down " + mount_point_));
    }
    return {};
}

Status LoopDisk::unmount() {
    for (int tries = 0; umount2(mount_point_.c_str(), 0) != 0; tries++) {
        if (errno != EBUSY || tries >= kUnmountTries) {
            return fail(system_error(errno, "cannot unmount " + mount_point_));
        }
        poll(nullptr, 0, kUnmountPauseMs);
    }
    mounted_ = false;
    return {};
}

Status LoopDisk::remount() {
    TM_CHECK(unmount());
    return mount_image();
}

}  // namespace tidemark::bench
