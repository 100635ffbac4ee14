#include "tests/process/workload.h"

#include <fmt/format.h>

#include <chrono>

namespace tidemark::process {
namespace {

using support::Client;
using support::Reply;

constexpr uint64_t kKeysPerWriter = 40;
constexpr uint64_t kBurstMax = 32;
// Now and then a value that crosses pages and the log's own blocks.
constexpr uint64_t kLongValueBytes = 20'000;

}  // namespace

Writer::Writer(int id, uint64_t seed) : id_(id), random_(seed) {}

std::string Writer::key(uint64_t number) const {
    return fmt::format("w{}:k{}", id_, number);
}

void Writer::apply(const Change& change, State& state) {
    for (const auto& [name, value] : change.effects) {
        if (value) {
            state[name] = *value;
        } else {
            state.erase(name);
        }
    }
}

Writer::Change Writer::set_padded(State& state) {
    const std::string name = key(random_.below(kKeysPerWriter));
    const uint64_t padding = random_.below(random_.one_in(100) ? kLongValueBytes : 300);
    const std::string value = fmt::format("{}:{}", sequence_, std::string(padding, 'x'));
    if (random_.one_in(8)) {
        const std::string longer = state[name] + "+";
        return {{{"APPEND", name, "+"}}, {{name, longer}}};
    }
    if (random_.one_in(8)) return {{{"DEL", name}}, {{name, std::nullopt}}};
    return {{{"SET", name, value}}, {{name, value}}};
}

Writer::Change Writer::increment(State& state) {
    const std::string name = fmt::format("w{}:count", id_);
    const std::string& now = state[name];
    const std::string next = std::to_string((now.empty() ? 0 : std::stoll(now)) + 1);
    return {{{"INCR", name}}, {{name, next}}};
}

Writer::Change Writer::transaction(State& state) {
    const std::string a = fmt::format("w{}:a", id_);
    const std::string b = fmt::format("w{}:b", id_);
    const std::string value = std::to_string(sequence_);
    Change change = increment(state);
    const support::CommandArgs counting = change.commands[0];
    change.commands = {{"MULTI"}, {"SET", a, value}, counting, {"SET", b, value}, {"EXEC"}};
    change.effects.emplace_back(a, value);
    change.effects.emplace_back(b, value);
    return change;
}

Writer::Change Writer::next_change() {
    ++sequence_;
    // A scratch copy of one value may be created by operator[]; effects say what is really there.
    State& state = intended_;
    Change change;
    switch (random_.below(4)) {
        case 0:
            change = increment(state);
            break;
        case 1:
            change = transaction(state);
            break;
        default:
            change = set_padded(state);
            break;
    }
    apply(change, state);
    return change;
}

bool Writer::send_burst(Client& client) {
    const size_t first = changes_.size();
    for (uint64_t left = 1 + random_.below(kBurstMax); left > 0; --left)
        changes_.push_back(next_change());
    for (size_t i = first; i < changes_.size(); ++i) {
        for (const auto& command : changes_[i].commands) client.append(command);
    }
    if (!client.flush()) return false;
    for (size_t i = first; i < changes_.size(); ++i) {
        for (size_t replies = changes_[i].commands.size(); replies > 0; --replies) {
            const Reply reply = client.read_reply();
            if (reply.lost()) return false;
            if (reply.is_error() || reply.nil()) problem_ = to_string(reply);
        }
        ++acknowledged_;
        ++acknowledged_total_;
    }
    return true;
}

void Writer::mark_synced(Client& client) {
    const Reply reply = client.cmd({"WAITAOF", "1", "0", "1"});
    if (reply.elements.empty() || reply.elements[0].integer != 1) return;
    for (; acknowledged_ > 0; --acknowledged_) {
        apply(changes_.front(), state_);
        changes_.pop_front();
    }
}

void Writer::run(const support::Endpoint& endpoint, const std::atomic<bool>& stop) {
    Client client(endpoint);
    while (!stop && client.connected() && send_burst(client)) {
        if (random_.one_in(10)) mark_synced(client);
        std::this_thread::sleep_for(std::chrono::microseconds(random_.below(1500)));
    }
}

Writer::State Writer::fetch(Client& client, std::string* problem) const {
    support::CommandArgs command = {"MGET", fmt::format("w{}:count", id_),
                                    fmt::format("w{}:a", id_), fmt::format("w{}:b", id_)};
    for (uint64_t i = 0; i < kKeysPerWriter; ++i) command.push_back(key(i));
    const Reply reply = client.cmd(command);
    if (reply.elements.size() + 1 != command.size()) *problem = "MGET: " + to_string(reply);
    State found;
    for (size_t i = 0; i < reply.elements.size(); ++i) {
        if (!reply.elements[i].nil()) found[command[i + 1]] = reply.elements[i].text;
    }
    return found;
}

std::string Writer::first_difference(const State& expected, const State& found) {
    for (const auto& [name, value] : expected) {
        const auto it = found.find(name);
        if (it == found.end()) return fmt::format("{} is gone, was {:.40}", name, value);
        if (it->second != value)
            return fmt::format("{} is {:.40}, was {:.40}", name, it->second, value);
    }
    for (const auto& [name, value] : found) {
        if (!expected.contains(name)) return fmt::format("{} is {:.40}, was gone", name, value);
    }
    return {};
}

std::string Writer::check(Client& client, Promise promise) {
    if (!problem_.empty()) return fmt::format("writer {} was answered {}", id_, problem_);
    std::string problem;
    const State found = fetch(client, &problem);
    if (!problem.empty()) return problem;
    const size_t at_least = promise == Promise::kEverythingAcknowledged ? acknowledged_ : 0;
    State state = state_;
    std::string at_acknowledged;
    size_t applied = 0;
    bool matches = false;
    for (;; ++applied) {
        if (applied >= at_least) {
            const std::string difference = first_difference(state, found);
            if (applied == acknowledged_) at_acknowledged = difference;
            matches = difference.empty();
        }
        if (matches || applied == changes_.size()) break;
        apply(changes_[applied], state);
    }
    if (!matches) {
        return fmt::format(
            "writer {}: no state between change {} and {} fits; at the last acknowledged: {}", id_,
            at_least, changes_.size(), at_acknowledged);
    }
    state_ = intended_ = found;
    changes_.clear();
    acknowledged_ = 0;
    return {};
}

Workload::Workload(int writers, uint64_t seed) {
    for (int id = 0; id < writers; ++id)
        writers_.push_back(std::make_unique<Writer>(id, seed + static_cast<uint64_t>(id)));
}

Workload::~Workload() {
    stop();
}

void Workload::start(const support::Endpoint& endpoint) {
    stop_ = false;
    for (auto& writer : writers_)
        threads_.emplace_back([&writer, endpoint, this] { writer->run(endpoint, stop_); });
}

void Workload::stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

std::string Workload::check(const support::Endpoint& endpoint, Promise promise) {
    Client client(endpoint);
    std::string problems;
    size_t live = 0;
    for (auto& writer : writers_) {
        const std::string problem = writer->check(client, promise);
        if (!problem.empty()) problems += problem + "\n";
        live += writer->live_keys();
    }
    const Reply size = client.cmd({"DBSIZE"});
    if (problems.empty() && size.integer != static_cast<int64_t>(live))
        problems = fmt::format("{} keys are ours, DBSIZE says {}", live, to_string(size));
    return problems;
}

uint64_t Workload::acknowledged() const {
    uint64_t sum = 0;
    for (const auto& writer : writers_) sum += writer->acknowledged();
    return sum;
}

}  // namespace tidemark::process
