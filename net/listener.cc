#include "net/listener.h"

#include "base/assert.h"

namespace tidemark::net {

Listener::Listener(io::Ring& ring, Socket socket, Owner& owner)
    : ring_(ring), socket_(std::move(socket)), owner_(owner) {
    accept_.bind<Listener, &Listener::on_complete>(this);
    cancel_.bind<Listener, &Listener::on_cancelled>(this);
}

Listener::~Listener() {
    TM_ASSERT(stopped());
}

void Listener::start() {
    ring_.accept_multishot(socket_.fd(), accept_);
}

void Listener::rearm() {
    if (!accept_.in_flight && !stopping_) start();
}

void Listener::stop() {
    stopping_ = true;
    if (accept_.in_flight && !cancel_.in_flight) ring_.cancel(accept_, cancel_);
}

void Listener::on_cancelled(io::Completion) {}

void Listener::on_complete(io::Completion completion) {
    if (completion.result >= 0) {
        owner_.on_accepted(completion.result);
        if (!io::more(completion)) rearm();
        return;
    }
    owner_.on_accept_failed(-completion.result);
}

}  // namespace tidemark::net
