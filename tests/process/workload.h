// Writers that remember what they were promised. Each owns its keys and a connection, sends
// pipelines of changes (single commands and transactions), and keeps the state that was
// acknowledged and the changes that were not. After a crash the server's state must be the
// acknowledged one plus some of the later changes, none skipped and none half.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "tests/support/client.h"

namespace tidemark::process {

// What of the acknowledged changes must be there.
enum class Promise {
    kEverythingAcknowledged,
    kUpToLastSync,  // what WAITAOF confirmed
};

class Writer {
public:
    Writer(int id, uint64_t seed);

    // Writes until the connection is lost or `stop` is set.
    void run(const support::Endpoint& endpoint, const std::atomic<bool>& stop);

    // Compares with what the server has now; the state found is the new starting point. Empty when
    // all is well, otherwise what is wrong.
    std::string check(support::Client& client, Promise promise);

    uint64_t acknowledged() const { return acknowledged_total_; }
    // Number of this writer's keys in the state found last.
    size_t live_keys() const { return state_.size(); }

private:
    using State = std::map<std::string, std::string>;
    // One atomic change: commands to send and the keys' values afterwards (nullopt: gone).
    struct Change {
        std::vector<support::CommandArgs> commands;
        std::vector<std::pair<std::string, std::optional<std::string>>> effects;
    };

    Change next_change();
    Change set_padded(State& state);
    Change increment(State& state);
    Change transaction(State& state);
    std::string key(uint64_t number) const;
    bool send_burst(support::Client& client);
    void mark_synced(support::Client& client);
    static void apply(const Change& change, State& state);
    static std::string first_difference(const State& expected, const State& found);
    State fetch(support::Client& client, std::string* problem) const;

    int id_;
    Random random_;
    uint64_t sequence_ = 0;
    State state_;                 // at the last confirmed sync (or check)
    State intended_;              // after everything sent
    std::deque<Change> changes_;  // sent since state_, oldest first
    size_t acknowledged_ = 0;     // how many of changes_ were answered
    uint64_t acknowledged_total_ = 0;
    std::string problem_;  // an answer that should not have come
};

// Several writers, each in a thread of its own while the server is up.
class Workload {
public:
    Workload(int writers, uint64_t seed);
    ~Workload();

    void start(const support::Endpoint& endpoint);
    void stop();  // also returns when the server is gone
    // One line a problem; empty when every writer's check passes and no other key is there.
    std::string check(const support::Endpoint& endpoint, Promise promise);
    uint64_t acknowledged() const;

private:
    std::vector<std::unique_ptr<Writer>> writers_;
    std::vector<std::thread> threads_;
    std::atomic<bool> stop_ = false;
};

}  // namespace tidemark::process
