#include "bench/disk_probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "bench/load_connection.h"

namespace tidemark::bench {

namespace {

constexpr size_t kWindowBytes = size_t{2} << 20;  // of the prefilled file
constexpr size_t kDirectBytes = 4096;             // what every device takes
constexpr size_t kWarmUpCommits = 5;

class ProbeFile {
public:
    ProbeFile(const std::string& folder, DiskUse use) : path_(folder + "/probe"), use_(use) {
        if (use != DiskUse::kAppend) prefill();
        const int direct = use == DiskUse::kDirect ? O_DIRECT | O_DSYNC : 0;
        if (errno_ != 0) return;
        fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | direct, 0600);
        if (fd_ < 0) errno_ = errno;
        std::memset(bytes_.data(), 'x', bytes_.size());
    }
    ~ProbeFile() {
        if (fd_ >= 0) close(fd_);
        unlink(path_.c_str());
    }
    ProbeFile(const ProbeFile&) = delete;
    ProbeFile& operator=(const ProbeFile&) = delete;

    int error() const { return errno_; }

    bool commit() {
        const bool direct = use_ == DiskUse::kDirect;
        const size_t bytes = direct ? kDirectBytes : kProbeBytes;
        if (use_ != DiskUse::kFlush) {
            const off_t at = use_ == DiskUse::kAppend ? at_ : at_ % off_t{kWindowBytes};
            if (pwrite(fd_, bytes_.data(), bytes, at) != static_cast<ssize_t>(bytes)) return false;
            at_ += static_cast<off_t>(bytes);
        }
        return direct || fdatasync(fd_) == 0;
    }

private:
    void prefill() {
        const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        const std::string fill(kWindowBytes, '#');
        const bool written =
            fd >= 0 && write(fd, fill.data(), fill.size()) == static_cast<ssize_t>(fill.size());
        if (!written || fsync(fd) != 0) errno_ = errno;
        if (fd >= 0) close(fd);
    }

    const std::string path_;
    const DiskUse use_;
    int fd_ = -1;
    int errno_ = 0;
    off_t at_ = 0;
    alignas(kDirectBytes) std::array<char, kDirectBytes> bytes_;
};

}  // namespace

DiskFigure probe_disk(const std::string& folder, const std::string& disk, DiskUse use,
                      double seconds, StopSignal& stop) {
    DiskFigure figure;
    figure.disk = disk;
    figure.use = use;
    ProbeFile file(folder, use);
    bool works = file.error() == 0;
    for (size_t i = 0; works && i < kWarmUpCommits; i++) works = file.commit();
    const uint64_t begin = now_ns();
    uint64_t before = begin;
    while (works && static_cast<double>(before - begin) / 1e9 < seconds) {
        works = file.commit();
        const uint64_t now = now_ns();
        figure.latency.record(now - before);
        before = now;
        if (stop.raised()) break;
        before = now_ns();  // looking at the signal is not the disk's time
    }
    if (!works) {
        figure.failure = system_error(file.error() != 0 ? file.error() : errno, "cannot").what;
        return figure;
    }
    // By the commits' own time.
    const double mean_ns = figure.latency.mean();
    figure.per_s = mean_ns > 0 ? 1e9 / mean_ns : 0;
    return figure;
}

std::vector<DiskFigure> probe_disk(const std::string& folder, const std::string& disk,
                                   double seconds, StopSignal& stop) {
    std::vector<DiskFigure> all;
    for (const DiskUse use :
         {DiskUse::kAppend, DiskUse::kOverwrite, DiskUse::kDirect, DiskUse::kFlush}) {
        if (stop.raised()) break;
        all.push_back(probe_disk(folder, disk, use, seconds, stop));
    }
    return all;
}

}  // namespace tidemark::bench
