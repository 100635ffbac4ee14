// Clients inside WAIT and WAITAOF: each waits until its newest write is acknowledged by as many
// logs and replicas as it asked for, or until its time is up.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "resp/reply.h"
#include "server/client.h"

namespace tidemark::server {

class Waiters {
public:
    enum class Kind : uint8_t { kReplicas, kLog };

    struct Waiter {
        Client* client;
        Kind kind;
        uint64_t offset;  // of the client's newest write
        int64_t local;    // WAITAOF: 0 or 1
        int64_t replicas;
        int64_t deadline_us;  // monotonic; 0: none
    };

    // How many logs and replicas have acknowledged a waiter's write.
    struct Acknowledged {
        int64_t local;
        int64_t replicas;
    };
    static bool satisfied(const Waiter& waiter, Acknowledged now) {
        return now.local >= waiter.local && now.replicas >= waiter.replicas;
    }
    static void answer(Kind kind, Acknowledged now, resp::Reply& reply);

    bool empty() const { return waiters_.empty(); }
    size_t size() const { return waiters_.size(); }
    // Pauses the client until it is answered.
    void add(const Waiter& waiter);
    void forget(const Client& client);
    // Answers those whose wish is fulfilled or whose time is up, and lets them go on.
    void serve(int64_t now_us, const std::function<Acknowledged(const Waiter&)>& acknowledged);
    // The earliest deadline, 0 when there is none.
    int64_t next_deadline_us() const;

private:
    std::vector<Waiter> waiters_;
};

}  // namespace tidemark::server
