#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace tidemark {

Logger::Logger(Clock& clock) : clock_(clock), fd_(STDOUT_FILENO) {}

Logger::~Logger() {
    if (owns_fd_) ::close(fd_);
}

Status Logger::open_file(const std::string& path) {
    int fd = STDOUT_FILENO;
    if (!path.empty()) {
        fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (fd < 0) return fail(system_error(errno, "Can't open the log file " + path));
    }
    if (owns_fd_) ::close(fd_);
    fd_ = fd;
    owns_fd_ = !path.empty();
    return {};
}

void Logger::write(LogLevel level, std::string_view message) {
    constexpr std::string_view kMarks = ".-*#";
    if (level < level_ || level >= LogLevel::kNothing) return;
    const int64_t now_us = clock_.unix_us();
    const std::time_t seconds = now_us / 1'000'000;
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, 64> stamp{};
    const size_t length = std::strftime(stamp.data(), stamp.size(), "%d %b %Y %H:%M:%S", &local);
    const std::string line =
        fmt::format("{}:M {}.{:03} {} {}\n", ::getpid(), std::string_view(stamp.data(), length),
                    (now_us / 1'000) % 1'000, kMarks[static_cast<size_t>(level)], message);
    // Nothing sensible can be done about a log that cannot be written.
    [[maybe_unused]] const ssize_t written = ::write(fd_, line.data(), line.size());
}

}  // namespace tidemark
