#include "io/signals.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace tidemark::io {

Result<std::unique_ptr<Signals>> Signals::create(Ring& ring, Listener& listener) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    if (const int error = ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr); error != 0) {
        return fail(system_error(error, "Can't block SIGTERM and SIGINT"));
    }
    const int fd = ::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) return fail(system_error(errno, "Can't open a signalfd"));
    return std::unique_ptr<Signals>(new Signals(ring, listener, fd));
}

Signals::Signals(Ring& ring, Listener& listener, int fd)
    : ring_(ring), listener_(listener), fd_(fd), poll_(std::make_unique<Operation>()) {
    poll_->bind<Signals, &Signals::on_readable>(this);
    ring_.poll_multishot(fd_, POLLIN, *poll_);
}

Signals::~Signals() {
    ring_.bury(std::move(poll_));
    ::close(fd_);
}

void Signals::on_readable(Completion completion) {
    if (!more(completion)) ring_.poll_multishot(fd_, POLLIN, *poll_);
    signalfd_siginfo info{};
    while (::read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        listener_.on_stop_signal(static_cast<int>(info.ssi_signo));
    }
}

}  // namespace tidemark::io
