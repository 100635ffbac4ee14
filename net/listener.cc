#include "net/listener.h"

namespace tidemark::net {

Listener::Listener(io::Ring& ring, Socket socket, Owner& owner)
    : ring_(ring),
      socket_(std::move(socket)),
      owner_(owner),
      accept_(std::make_unique<io::Operation>()) {
    accept_->bind<Listener, &Listener::on_complete>(this);
}

Listener::~Listener() {
    ring_.bury(std::move(accept_));
}

void Listener::start() {
    ring_.accept_multishot(socket_.fd(), *accept_);
}

void Listener::rearm() {
    if (!accept_->in_flight) start();
}

void Listener::on_complete(io::Completion completion) {
    if (completion.result >= 0) {
        owner_.on_accepted(completion.result);
        if (!io::more(completion)) rearm();
        return;
    }
    owner_.on_accept_failed(-completion.result);
}

}  // namespace tidemark::net
