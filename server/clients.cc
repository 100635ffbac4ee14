#include "server/clients.h"

#include "base/assert.h"

namespace tidemark::server {

Clients::~Clients() = default;

Client& Clients::add(std::unique_ptr<Client> client) {
    client->slot = clients_.size();
    clients_.push_back(std::move(client));
    return *clients_.back();
}

void Clients::bury(Client& client) {
    TM_ASSERT(client.slot < clients_.size() && clients_[client.slot].get() == &client);
    if (client.flush_wanted) std::erase(to_flush_, &client);
    if (client.held) std::erase(held_, &client);
    const size_t slot = client.slot;
    buried_.push_back(std::move(clients_[slot]));
    if (slot + 1 != clients_.size()) {
        clients_[slot] = std::move(clients_.back());
        clients_[slot]->slot = slot;
    }
    clients_.pop_back();
}

Client* Clients::find(uint64_t id) {
    for (const auto& client : clients_) {
        if (client->session().id == id) return client.get();
    }
    return nullptr;
}

void Clients::want_flush(Client& client) {
    if (client.flush_wanted) return;
    client.flush_wanted = true;
    to_flush_.push_back(&client);
}

void Clients::note_held(Client& client) {
    if (client.held) return;
    client.held = true;
    held_.push_back(&client);
}

void Clients::release(uint64_t offset) {
    size_t kept = 0;
    for (Client* client : held_) {
        client->release(offset);
        want_flush(*client);
        if (client->holding()) {
            held_[kept++] = client;
        } else {
            client->held = false;
        }
    }
    held_.resize(kept);
}

void Clients::flush() {
    // A flush may close a client, which takes itself off the list: so the list is moved out first.
    std::vector<Client*> now;
    now.swap(to_flush_);
    for (Client* client : now) client->flush_wanted = false;
    for (Client* client : now) client->flush();
    now.clear();
    if (to_flush_.empty()) to_flush_.swap(now);  // keep the capacity
}

}  // namespace tidemark::server
