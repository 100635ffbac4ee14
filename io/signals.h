// Signals as completions. SIGTERM and SIGINT are blocked and come to the loop through a signalfd;
// SIGPIPE and SIGHUP are ignored. Create it before the first helper thread, so that every thread
// inherits the blocked set.
#pragma once

#include <memory>

#include "base/result.h"
#include "io/operation.h"
#include "io/ring.h"

namespace tidemark::io {

class Signals {
public:
    class Listener {
    public:
        virtual ~Listener() = default;
        // SIGTERM or SIGINT, on the loop's thread.
        virtual void on_stop_signal(int signal_number) = 0;
    };

    // Both outlive it.
    static Result<std::unique_ptr<Signals>> create(Ring& ring, Listener& listener);
    // The signals stay blocked.
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

private:
    Signals(Ring& ring, Listener& listener, int fd);
    void on_readable(Completion completion);

    Ring& ring_;
    Listener& listener_;
    int fd_;
    std::unique_ptr<Operation> poll_;
};

}  // namespace tidemark::io
