// A listening socket on the ring: one multishot accept, armed again whenever it ends.
#pragma once

#include <memory>

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
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start();
    // Arms accept again after a failure; from cron, so that running out of descriptors does not
    // spin.
    void rearm();

private:
    void on_complete(io::Completion completion);

    io::Ring& ring_;
    Socket socket_;
    Owner& owner_;
    std::unique_ptr<io::Operation> accept_;  // outlives the listener inside the ring
};

}  // namespace tidemark::net
