#include "io/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace tidemark::io {

Result<std::unique_ptr<Wakeup>> Wakeup::create(Ring& ring, Listener& listener) {
    const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) return fail(system_error(errno, "Can't open an eventfd"));
    return std::unique_ptr<Wakeup>(new Wakeup(ring, listener, fd));
}

Wakeup::Wakeup(Ring& ring, Listener& listener, int fd)
    : ring_(ring), listener_(listener), fd_(fd), poll_(std::make_unique<Operation>()) {
    poll_->bind<Wakeup, &Wakeup::on_readable>(this);
    ring_.poll_multishot(fd_, POLLIN, *poll_);
}

Wakeup::~Wakeup() {
    ring_.bury(std::move(poll_));
    ::close(fd_);
}

void Wakeup::wake() {
    const uint64_t one = 1;
    // It fails only when the counter is full, and then the loop is being woken already.
    [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

void Wakeup::on_readable(Completion completion) {
    if (!more(completion)) ring_.poll_multishot(fd_, POLLIN, *poll_);
    // Emptied before the listener looks: a wake that comes while it works causes another call.
    uint64_t count = 0;
    if (::read(fd_, &count, sizeof count) == static_cast<ssize_t>(sizeof count)) {
        listener_.on_wake();
    }
}

}  // namespace tidemark::io
