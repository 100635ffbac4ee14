// SIGINT and SIGTERM as a descriptor to wait on: whoever waits for something waits for this too,
// so that an interrupted comparison stops what it started and still reports what it has.
#pragma once

#include "base/result.h"

namespace tidemark::bench {

class StopSignal {
public:
    // Blocks both signals in this thread. Children must unblock them again (see ServerProcess).
    static Result<StopSignal> open();
    StopSignal(StopSignal&& other) noexcept;
    StopSignal& operator=(StopSignal&&) = delete;
    ~StopSignal();

    int fd() const { return fd_; }
    // True from the first signal on.
    bool raised();
    // Sleeps, but not past a signal. Returns raised().
    bool sleep_ms(int ms);

private:
    explicit StopSignal(int fd) : fd_(fd) {}

    int fd_;
    bool raised_ = false;
};

}  // namespace tidemark::bench
