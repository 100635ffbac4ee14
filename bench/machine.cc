#include "bench/machine.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace tidemark::bench {

namespace {

struct FileSystemName {
    uint32_t magic;
    const char* name;
};

// From the kernel's linux/magic.h.
constexpr auto kFileSystems = std::to_array<FileSystemName>({
    {0xEF53, "ext4"},
    {0x58465342, "xfs"},
    {0x9123683E, "btrfs"},
    {0x2FC12FC1, "zfs"},
    {0x01021994, "tmpfs"},
    {0x858458F6, "ramfs"},
    {0x794C7630, "overlay"},
    {0xF2F52010, "f2fs"},
    {0x6969, "nfs"},
});

// The rest of the first line of a file that begins with `prefix` (all of it when empty).
std::string line_of(const char* file, const std::string& prefix) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.compare(0, prefix.size(), prefix) != 0) continue;
        const size_t colon = prefix.empty() ? std::string::npos : line.find(": ");
        return colon == std::string::npos ? line : line.substr(colon + 2);
    }
    return "unknown";
}

}  // namespace

Cores choose_cores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    Cores cores;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return cores;
    if (CPU_COUNT(&allowed) < 2) return cores;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(static_cast<size_t>(cpu), &allowed)) continue;
        if (cores.server) {
            cores.load = cpu;
            return cores;
        }
        cores.server = cpu;
    }
    return cores;
}

Status pin_to_core(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(core), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        return fail(system_error(errno, fmt::format("cannot use core {}", core)));
    }
    return {};
}

uint64_t raise_open_files() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

Result<std::string> file_system_of(const std::string& path) {
    struct statfs info {};
    if (statfs(path.c_str(), &info) != 0)
        return fail(system_error(errno, "cannot look at " + path));
    const auto magic = static_cast<uint32_t>(info.f_type);
    for (const FileSystemName& known : kFileSystems) {
        if (known.magic == magic) return std::string(known.name);
    }
    return fmt::format("file system {:#x}", magic);
}

bool syncs_are_free(const std::string& file_system) {
    return file_system == "tmpfs" || file_system == "ramfs";
}

Status check_disk(const std::string& folder, const std::string& file_system) {
    if (!syncs_are_free(file_system)) return {};
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("{} is on {}, where a sync costs nothing and figures mean nothing; name "
                    "a folder on a disk with --dir",
                    folder, file_system));
}

namespace {

// The port that it got; port 0: any that is free.
Result<uint16_t> try_port(uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(system_error(errno, "cannot open a socket"));
    // As servers do it: a port is not taken by connections that have ended.
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    union {
        sockaddr any;
        sockaddr_in inet;
    } address{};
    address.inet.sin_family = AF_INET;
    address.inet.sin_port = htons(port);
    address.inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address.inet;
    const bool bound = bind(fd, &address.any, length) == 0 && listen(fd, 1) == 0 &&
                       getsockname(fd, &address.any, &length) == 0;
    const int bind_errno = errno;
    close(fd);
    if (!bound) return fail(system_error(bind_errno, "cannot find a free port"));
    return ntohs(address.inet.sin_port);
}

}  // namespace

Result<uint16_t> free_port() {
    return try_port(0);
}

bool port_is_free(uint16_t port) {
    return try_port(port).has_value();
}

double load_average() {
    double last_minute = 0;
    return getloadavg(&last_minute, 1) == 1 ? last_minute : 0;
}

std::string describe_machine() {
    utsname name{};
    uname(&name);
    return fmt::format("{}, {} cores, Linux {}, congestion control {}",
                       line_of("/proc/cpuinfo", "model name"), std::thread::hardware_concurrency(),
                       name.release, line_of("/proc/sys/net/ipv4/tcp_congestion_control", ""));
}

Result<ScratchFolder> ScratchFolder::create(const std::string& parent) {
    std::string path = parent + "/tidemark-bench-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
        return fail(system_error(errno, "cannot make a folder in " + parent));
    }
    return ScratchFolder(std::move(path));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::move(other.path_)), made_(other.made_) {
    other.path_.clear();
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<std::string> ScratchFolder::subfolder(const std::string& name) {
    std::string path = fmt::format("{}/{}{}", path_, name, made_++);
    if (mkdir(path.c_str(), 0700) != 0) return fail(system_error(errno, "cannot make " + path));
    return path;
}

}  // namespace tidemark::bench
