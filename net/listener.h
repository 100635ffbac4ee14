// A listening socket on the ring: one multishot accept, armed again whenever it ends.
#pragma once

#include "io/ring.h"
#include "net/socket.h"

namespace tidemark::net {

class Listener {
public:
    class Owner {
    public:
        virtual ~Owner() = default;
        // A new connection; the owner takes the descriptor.
        virtual void on_accepted(int fd) = 0;
        // accept failed with this errno (EMFILE: out of descriptors). It is armed again at rearm().
        virtual void on_accept_failed(int sys_errno) = 0;
    };

    Listener(io::Ring& ring, Socket socket, Owner& owner);
    // stopped() must be true.
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start();
    // Arms accept again after a failure; from cron, so that running out of descriptors does not
    // spin.
    void rearm();
    // Nobody is accepted any more; turn the ring until stopped() before freeing it.
    void stop();
    bool stopped() const { return !accept_.in_flight && !cancel_.in_flight; }

private:
    void on_complete(io::Completion completion);
    void on_cancelled(io::Completion completion);

    io::Ring& ring_;
    Socket socket_;
    Owner& owner_;
    io::Operation accept_;
    io::Operation cancel_;
    bool stopping_ = false;
};

}  // namespace tidemark::net
