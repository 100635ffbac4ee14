// The load: one thread, one epoll, the connections of all lanes. It is meant to cost less than the
// server does, so that the server is what gets measured: requests are copied from a template,
// replies are only counted, one send and one recv a batch.
//
// Waiting is never spinning: the load's core also runs kernel workers of the server under test,
// and a spinning client would starve them.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "bench/load_connection.h"
#include "bench/load_plan.h"

namespace tidemark::bench {

class LoadGenerator {
public:
    // stop_fd: when readable, a run ends early (as if its time was over); -1: none.
    static Result<std::unique_ptr<LoadGenerator>> connect(const LoadPlan& plan, int stop_fd);
    ~LoadGenerator();

    // Runs all lanes for so long, or until every lane with a limited number of requests has sent
    // them (no time limit when seconds is 0), then waits for the replies that are still out.
    // Can be called again on the same connections: the first call may be a warm-up.
    // Error replies are counted in the result; a lost connection or reply is an error.
    Result<LoadResult> run(double seconds);

    // After a run that ended because the server went away: reads the replies that had arrived.
    void collect_rest();
    // The acknowledgement times of a connection (in the order of the lanes), of all runs.
    const std::vector<uint64_t>& acks(size_t connection) const {
        return connections_[connection]->acks();
    }

private:
    LoadGenerator() = default;
    Status open(const LoadPlan& plan, int stop_fd);
    void start(uint64_t start_ns, uint64_t end_ns);
    Status drive(uint64_t end_ns);
    Status drain();
    bool all_sent() const;
    // Replies that are out, and requests of a fixed rate that were due and could not be sent yet.
    uint64_t missing() const;
    // How long to wait for events: until the end or the next paced request.
    uint64_t wake_ns(uint64_t end_ns) const;
    Status release_due(uint64_t now);
    Status send_due(LoadConnection& connection, uint64_t now);
    enum class Refill : uint8_t { kYes, kNo };
    // One wait; refill: connections whose replies are in send again.
    Status turn(uint64_t wake_ns, Refill refill);
    Status handle(LoadConnection& connection, uint32_t events, Refill refill);
    Status watch_writes(LoadConnection& connection);

    int epoll_fd_ = -1;
    int stop_fd_ = -1;
    bool stopped_ = false;
    std::vector<std::unique_ptr<LaneState>> lanes_;
    std::vector<std::unique_ptr<LoadConnection>> connections_;
    std::vector<LoadConnection*> paced_;  // those of lanes with a fixed rate
};

}  // namespace tidemark::bench
