// The server's log, in Redis's line format: `pid:role date time.ms level message`.
// One file descriptor, one write a line; a line that cannot be written is dropped.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark {

enum class LogLevel : uint8_t { kDebug, kVerbose, kNotice, kWarning, kNothing };

class Logger {
public:
    // Logs to stdout until open_file. The clock must outlive the logger.
    explicit Logger(Clock& clock);
    ~Logger();
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    void set_level(LogLevel level) { level_ = level; }
    LogLevel level() const { return level_; }
    // Empty path: back to stdout.
    Status open_file(const std::string& path);

    void write(LogLevel level, std::string_view message);

    template <class... T>
    void debug(fmt::format_string<T...> f, T&&... a) {
        format(LogLevel::kDebug, f, std::forward<T>(a)...);
    }
    template <class... T>
    void verbose(fmt::format_string<T...> f, T&&... a) {
        format(LogLevel::kVerbose, f, std::forward<T>(a)...);
    }
    template <class... T>
    void notice(fmt::format_string<T...> f, T&&... a) {
        format(LogLevel::kNotice, f, std::forward<T>(a)...);
    }
    template <class... T>
    void warning(fmt::format_string<T...> f, T&&... a) {
        format(LogLevel::kWarning, f, std::forward<T>(a)...);
    }

private:
    template <class... T>
    void format(LogLevel level, fmt::format_string<T...> f, T&&... a) {
        if (level >= level_) write(level, fmt::format(f, std::forward<T>(a)...));
    }

    Clock& clock_;
    int fd_;
    bool owns_fd_ = false;
    LogLevel level_ = LogLevel::kNotice;
};

}  // namespace tidemark
