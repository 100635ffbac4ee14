// All connected clients, and the lists that a turn of the loop works through: who has replies to
// send, whose replies are held for the log, who is to be freed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "server/client.h"

namespace tidemark::server {

class Clients {
public:
    Clients() = default;
    ~Clients();
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    Client& add(std::unique_ptr<Client> client);
    // Takes the client off every list; it is freed by free_buried, between turns.
    void bury(Client& client);
    void free_buried() { buried_.clear(); }

    size_t size() const { return clients_.size(); }
    size_t held_count() const { return held_.size(); }
    Client* find(uint64_t id);
    template <class Visit>
    void for_each(Visit&& visit) {
        // By index from the back: a visit may close the client that it is shown.
        for (size_t i = clients_.size(); i-- > 0;) visit(*clients_[i]);
    }
    // The next `count` clients in rotation; for work that cron spreads over time.
    template <class Visit>
    void for_next(size_t count, Visit&& visit) {
        for (size_t i = 0; i < count && !clients_.empty(); ++i) {
            rotation_ = (rotation_ + 1) % clients_.size();
            visit(*clients_[rotation_]);
        }
    }

    void want_flush(Client& client);
    void note_held(Client& client);
    // Lets go of every reply whose offset is reached.
    void release(uint64_t offset);
    // Starts the sends of this turn.
    void flush();

private:
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::unique_ptr<Client>> buried_;
    std::vector<Client*> to_flush_;
    std::vector<Client*> held_;
    size_t rotation_ = 0;
};

}  // namespace tidemark::server
