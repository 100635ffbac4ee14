// Wakes the loop from another thread: an eventfd that the ring polls. Many wakes before the loop
// gets to it arrive as one.
#pragma once

#include <memory>

#include "base/result.h"
#include "io/operation.h"
#include "io/ring.h"

namespace tidemark::io {

class Wakeup {
public:
    class Listener {
    public:
        virtual ~Listener() = default;
        virtual void on_wake() = 0;  // on the loop's thread
    };

    // Both outlive it.
    static Result<std::unique_ptr<Wakeup>> create(Ring& ring, Listener& listener);
    // Nobody may call wake() any more.
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    // Any thread.
    void wake();

private:
    Wakeup(Ring& ring, Listener& listener, int fd);
    void on_readable(Completion completion);

    Ring& ring_;
    Listener& listener_;
    int fd_;
    std::unique_ptr<Operation> poll_;
};

}  // namespace tidemark::io
