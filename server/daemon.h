// Leaving the terminal, the pid file, and telling systemd.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "server/config.h"

namespace tidemark::server {

// Goes on in the background: a session of its own, no terminal, standard streams on /dev/null. The
// parent's exit status tells nothing about the start; call it before the ring exists, which a fork
// does not survive.
Status daemonize();

// Writes the process id; the file is gone again when the object is. A relative path is resolved
// twice: the current folder must not change in between.
class PidFile {
public:
    PidFile() = default;
    ~PidFile();
    PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    PidFile& operator=(PidFile&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }

    static Result<PidFile> create(const std::string& path);

private:
    std::string path_;
};

// Sends one message to the supervisor named by NOTIFY_SOCKET: "READY=1", "STOPPING=1",
// "STATUS=...". True: sent. Without that variable nothing happens.
bool notify_supervisor(std::string_view message);
// Whether `supervised` asks for notifications in this environment (auto: when the variable is set).
bool is_supervised(Supervised supervised);

}  // namespace tidemark::server
