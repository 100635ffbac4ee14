// A disk whose every flush takes a given time: delay-fs (a FUSE file system of ours whose fsync
// sleeps) holds an image, and a loop disk lies on that. Needs root, /dev/fuse and loop devices.
//
//   program -> ext4 -> /dev/loopN -> flush -> FUSE fsync -> sleep
//
// What it cannot show: writes themselves stay as fast as memory, and flushes of several programs
// do not share one queue.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "bench/child_process.h"
#include "bench/loop_disk.h"
#include "bench/machine.h"

namespace tidemark::bench {

// Why there can be no slow disk here, as a sentence without full stop; empty when there can.
std::string slow_disk_hindrance();

class SlowDisk {
public:
    static Result<SlowDisk> create(ScratchFolder& scratch, uint64_t delay_us);
    SlowDisk(SlowDisk&&) noexcept = default;
    SlowDisk& operator=(SlowDisk&&) = delete;
    ~SlowDisk();

    const std::string& path() const { return disk_->path(); }

private:
    SlowDisk() = default;
    Status wait_mounted(const std::string& image);

    std::string fuse_folder_;
    std::string output_path_;
    ChildProcess daemon_;
    std::optional<LoopDisk> disk_;  // goes before the daemon
};

}  // namespace tidemark::bench
