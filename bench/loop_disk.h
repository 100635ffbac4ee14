// A disk of our own: an image file, a loop device on it, ext4 with a journal on that. It can be
// cut: the forced-shutdown ioctl without a log flush drops what was not synced, data and renames
// alike, as a power cut does (what the device was given stays: it has no cache that could lose it).
//
// Needs root. Mounts are made in a mount namespace that only this process and its children see
// (enter_private_mounts), and the loop device frees itself with its last user: so nothing of it
// outlives us, however we end.
//
//   image file -> /dev/loopN (LO_FLAGS_AUTOCLEAR) -> ext4 at <mount point>
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tidemark::bench {

// From here on nobody else sees what this process mounts. Before any thread is started.
Status enter_private_mounts();

class LoopDisk {
public:
    // `image`: a file, made and sized here unless it exists. `mount_point`: an existing folder.
    // `scratch`: where mkfs.ext4's output goes.
    static Result<LoopDisk> create(const std::string& image, uint64_t bytes,
                                   const std::string& mount_point, const std::string& scratch);
    LoopDisk(LoopDisk&& other) noexcept;
    LoopDisk& operator=(LoopDisk&&) = delete;
    ~LoopDisk();

    const std::string& path() const { return mount_point_; }
    // The power goes. Everything on it fails with EIO until remount().
    Status cut() const;
    // Unmounts and mounts again: the journal is replayed. Nobody may have a file open.
    Status remount();

private:
    LoopDisk(std::string image, std::string mount_point)
        : image_(std::move(image)), mount_point_(std::move(mount_point)) {}
    Result<int> attach(std::string& device) const;
    Status mount_image();
    Status unmount();

    std::string image_;
    std::string mount_point_;
    bool mounted_ = false;
};

}  // namespace tidemark::bench
