#include "bench/stop_signal.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace tidemark::bench {

Result<StopSignal> StopSignal::open() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, nullptr) != 0) {
        return fail(system_error(errno, "cannot block SIGINT"));
    }
    const int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) return fail(system_error(errno, "cannot open a signalfd"));
    return StopSignal(fd);
}

StopSignal::StopSignal(StopSignal&& other) noexcept : fd_(other.fd_), raised_(other.raised_) {
    other.fd_ = -1;
}

StopSignal::~StopSignal() {
    if (fd_ >= 0) close(fd_);
}

bool StopSignal::raised() {
    return sleep_ms(0);
}

// The signal is left unread: the descriptor stays readable, so every later wait ends at once.
bool StopSignal::sleep_ms(int ms) {
    if (raised_) return true;
    pollfd watch{fd_, POLLIN, 0};
    raised_ = poll(&watch, 1, ms) > 0;
    return raised_;
}

}  // namespace tidemark::bench
