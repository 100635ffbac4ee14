#include "server/waiters.h"

#include <algorithm>

namespace tidemark::server {

void Waiters::answer(Kind kind, Acknowledged now, resp::Reply& reply) {
    if (kind == Kind::kReplicas) return reply.integer(now.replicas);
    reply.array(2);
    reply.integer(now.local);
    reply.integer(now.replicas);
}

void Waiters::add(const Waiter& waiter) {
    waiters_.push_back(waiter);
    waiter.client->pause(net::Connection::kWaiting);
}

void Waiters::forget(const Client& client) {
    std::erase_if(waiters_, [&](const Waiter& waiter) { return waiter.client == &client; });
}

void Waiters::serve(int64_t now_us,
                    const std::function<Acknowledged(const Waiter&)>& acknowledged) {
    std::vector<Waiter> ready;
    std::erase_if(waiters_, [&](const Waiter& waiter) {
        const bool due = waiter.deadline_us != 0 && waiter.deadline_us <= now_us;
        if (!due && !satisfied(waiter, acknowledged(waiter))) return false;
        ready.push_back(waiter);
        return true;
    });
    // Only now: a client that goes on may wait again.
    for (const Waiter& waiter : ready) {
        resp::Reply reply(waiter.client->output(), waiter.client->session().protocol);
        answer(waiter.kind, acknowledged(waiter), reply);
        waiter.client->resume(net::Connection::kWaiting);
        waiter.client->flush();
    }
}

int64_t Waiters::next_deadline_us() const {
    int64_t earliest = 0;
    for (const Waiter& waiter : waiters_) {
        if (waiter.deadline_us != 0 && (earliest == 0 || waiter.deadline_us < earliest)) {
            earliest = waiter.deadline_us;
        }
    }
    return earliest;
}

}  // namespace tidemark::server
