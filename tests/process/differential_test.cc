// The same commands to redis-server 7.0.15 and to tidemark-server: the same replies, the same data.
//
// Environment: TIDEMARK_SERVER, the binary (two redis-servers agree as well: that is how the test
// itself was tested); TIDEMARK_SEED; TIDEMARK_FULL=1 for the long run.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/ascii.h"
#include "base/random.h"
#include "tests/process/differences.h"
#include "tests/process/random_commands.h"
#include "tests/process/reply_rules.h"
#include "tests/process/resp_client.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace tidemark::test {

namespace {

using support::ServerKind;

constexpr size_t kClients = 4;
constexpr size_t kShownCommands = 30;
constexpr size_t kCompareEvery = 2'000;
constexpr int kDatabases = 16;

std::string environment(const char* name, const char* otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

bool is_full_run() {
    return environment("TIDEMARK_FULL", "0") == "1";
}
size_t command_count() {
    return is_full_run() ? 200'000 : 20'000;
}

uint64_t pick_seed() {
    const std::string given = environment("TIDEMARK_SEED", "");
    if (!given.empty()) return std::strtoull(given.c_str(), nullptr, 10);
    return is_full_run() ? random_seed_from_kernel() : 1;
}

struct KeyState {
    std::string value;
    std::string encoding;
    int64_t expire_at_ms = -1;
};
using DbState = std::map<std::string, KeyState>;

// One client as both servers see it, and what it has queued.
struct Pair {
    RespClient redis;
    RespClient ours;
    bool in_transaction = false;
    std::vector<Command> queued;
};

class Duel {
public:
    Duel()
        : redis_(support::start_server(ServerKind::kRedis, redis_folder_.path(),
                                       {"--appendfsync", "no"})),
          ours_(support::start_server(ServerKind::kTidemark, our_folder_.path(), our_options())) {
        for (size_t i = 0; i < kClients; ++i) clients_.push_back(connect());
        // Half of them speak RESP3.
        for (size_t i = 0; i < kClients; i += 2) run(i, {"HELLO", "3"});
    }

    Pair& client(size_t index) { return clients_[index]; }

    // Sends to both and compares. False, and failure() says why, when they do not agree.
    bool run(size_t index, const Command& command) {
        remember(index, command);
        Pair& pair = clients_[index];
        if (!pair.redis.send(command) || !pair.ours.send(command)) return fail("cannot send");
        const auto redis = pair.redis.read();
        const auto ours = pair.ours.read();
        if (!redis) return fail("redis does not answer");
        if (!ours) return fail("ours does not answer; its output:\n" + ours_->output());
        if (!replies_agree(command, pair.queued, *redis, *ours) && !agree_in_time(pair, command)) {
            return fail(fmt::format("redis: {}\nours:  {}", describe(*redis), describe(*ours)));
        }
        follow(pair, command, *redis);
        return true;
    }

    bool compare_data() {
        Pair admin = connect();
        for (int db = 0; db < kDatabases; ++db) {
            const DbState redis = read_database(admin.redis, db);
            const DbState ours = read_database(admin.ours, db);
            if (!same_data(db, redis, ours)) return false;
        }
        return true;
    }

    // Stops ours and lets a server of that kind load what it logged.
    bool compare_reloaded(ServerKind kind) {
        ours_->stop();
        ours_ = support::start_server(
            kind, our_folder_.path(),
            kind == ServerKind::kRedis ? std::vector<std::string>() : our_options());
        const bool same = compare_data();
        if (!same) failure_ += kind == ServerKind::kRedis ? "\n(loaded by redis-server)" : "";
        return same;
    }

    std::string failure() const {
        std::string text = failure_ + "\nlast commands:\n";
        for (const std::string& line : history_) text += line + '\n';
        return text;
    }

private:
    // What the suite tells redis-server anyway.
    static std::vector<std::string> our_options() {
        return {"--appendfsync", "no", "--enable-debug-command", "local"};
    }

    Pair connect() {
        Pair pair;
        REQUIRE(pair.redis.connect(redis_->endpoint().unix_path));
        REQUIRE(pair.ours.connect(ours_->endpoint().unix_path));
        return pair;
    }

    // A damaged argument can give a key milliseconds to live, and one of the two has deleted it
    // already: both have in the end.
    static bool agree_in_time(Pair& pair, const Command& command) {
        if (!same_word(command[0], "dbsize") || pair.in_transaction) return false;
        constexpr int kAttempts = 20;
        for (int i = 0; i < kAttempts; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            const auto redis = pair.redis.call(command);
            const auto ours = pair.ours.call(command);
            if (redis && ours && *redis == *ours) return true;
        }
        return false;
    }

    void remember(size_t index, const Command& command) {
        history_.push_back(fmt::format("  client {}: {}", index, describe(command)));
        if (history_.size() > kShownCommands) history_.pop_front();
    }

    bool fail(std::string text) {
        failure_ = std::move(text);
        return false;
    }

    static void follow(Pair& pair, const Command& command, const Value& reply) {
        if (reply.text == "QUEUED" && reply.type == '+') {
            pair.queued.push_back(command);
            return;
        }
        const char second = command[0].size() > 1 ? command[0][1] : '\0';
        const bool is_multi = command[0].size() == 5 && (second == 'U' || second == 'u');
        const bool is_exec = command[0].size() == 4 && (second == 'X' || second == 'x');
        const bool is_discard = command[0].size() == 7 && (second == 'I' || second == 'i');
        if (is_multi && reply.text == "OK") pair.in_transaction = true;
        const bool was_refused = reply.is_error() && reply.text.rfind("EXECABORT", 0) != 0;
        if (is_discard || is_exec) {
            // EXEC with a wrong number of arguments leaves the transaction open.
            if (was_refused) return;
            pair.in_transaction = false;
            pair.queued.clear();
        }
    }

    static DbState read_database(RespClient& client, int db) {
        DbState state;
        client.call({"SELECT", std::to_string(db)});
        const auto keys = client.call({"KEYS", "*"});
        if (!keys) return state;
        for (const Value& key : keys->items) {
            KeyState& entry = state[key.text];
            entry.value = describe(client.call({"GET", key.text}).value_or(Value()));
            entry.encoding = client.call({"OBJECT", "ENCODING", key.text}).value_or(Value()).text;
            const auto time = client.call({"PEXPIRETIME", key.text});
            entry.expire_at_ms = time ? std::atoll(time->text.c_str()) : 0;
        }
        return state;
    }

    bool same_data(int db, const DbState& redis, const DbState& ours) {
        for (const auto& [key, expected] : redis) {
            const auto found = ours.find(key);
            if (found == ours.end())
                return fail(fmt::format("db {}: {} is missing", db, describe({key})));
            const KeyState& got = found->second;
            const Value redis_encoding{'$', expected.encoding, {}};
            const Value our_encoding{'$', got.encoding, {}};
            const bool same_encoding = redis_encoding == our_encoding ||
                                       find_difference({"OBJECT", "ENCODING", key}, redis_encoding,
                                                       our_encoding) != nullptr;
            if (got.value != expected.value || !same_encoding ||
                !times_agree(expected.expire_at_ms, got.expire_at_ms)) {
                return fail(fmt::format("db {}: {} is {} ({}, expires {}), should be {} ({}, {})",
                                        db, describe({key}), got.value, got.encoding,
                                        got.expire_at_ms, expected.value, expected.encoding,
                                        expected.expire_at_ms));
            }
        }
        if (ours.size() == redis.size()) return true;
        return fail(fmt::format("db {}: {} keys, should be {}", db, ours.size(), redis.size()));
    }

    support::TempFolder redis_folder_;
    support::TempFolder our_folder_;
    std::unique_ptr<support::ServerProcess> redis_;
    std::unique_ptr<support::ServerProcess> ours_;
    std::vector<Pair> clients_;
    std::deque<std::string> history_;
    std::string failure_;
};

}  // namespace

TEST_CASE("process/differential: random commands get Redis's replies and leave Redis's data") {
    const uint64_t seed = pick_seed();
    Duel duel;
    RandomCommands random(seed);
    for (size_t i = 1; i <= command_count(); ++i) {
        const size_t index = random.below(kClients);
        const bool in_transaction = duel.client(index).in_transaction;
        const Command command = random.next(in_transaction ? RandomCommands::State::kInTransaction
                                                           : RandomCommands::State::kIdle);
        bool agreed = duel.run(index, command);
        if (agreed && i % kCompareEvery == 0) agreed = duel.compare_data();
        if (!agreed) FAIL("TIDEMARK_SEED=", seed, " command ", i, "\n", duel.failure());
    }
    if (!duel.compare_data()) FAIL("TIDEMARK_SEED=", seed, "\n", duel.failure());
    // The log says the same: to us, and to redis-server.
    for (const ServerKind kind : {ServerKind::kTidemark, ServerKind::kRedis}) {
        if (!duel.compare_reloaded(kind)) FAIL("TIDEMARK_SEED=", seed, "\n", duel.failure());
    }
}

TEST_CASE("process/differential: keys with a short life are gone on both, and only they") {
    Duel duel;
    for (int i = 0; i < 200; ++i) {
        const std::string key = "short:" + std::to_string(i);
        REQUIRE(duel.run(0, {"SET", key, "x", "PX", std::to_string(20 + i % 60)}));
        REQUIRE(duel.run(0, {"SET", "kept:" + std::to_string(i), "y", "PX", "1000000000"}));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    for (int i = 0; i < 200; ++i) {
        const std::string key = "short:" + std::to_string(i);
        const bool agreed = duel.run(1, {"EXISTS", key}) && duel.run(1, {"GET", key}) &&
                            duel.run(1, {"PTTL", key}) && duel.run(1, {"SETNX", key, "again"});
        if (!agreed) FAIL(duel.failure());
    }
    CHECK(duel.compare_data());
}

// Times that have passed already: the key is there for nobody, whatever a server does with it.
TEST_CASE("process/differential: a time in the past deletes at once") {
    Duel duel;
    for (const std::string time : {"1", "1000", "1600000000"}) {
        const std::vector<Command> commands = {{"SET", "k", "v", "EXAT", time},
                                               {"GET", "k"},
                                               {"DBSIZE"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"EXISTS", "k"},
                                               {"DBSIZE"},
                                               {"SET", "k", "v"},
                                               {"GETEX", "k", "EXAT", time},
                                               {"GET", "k"},
                                               {"DBSIZE"},
                                               {"SET", "k", "v"},
                                               {"EXPIREAT", "k", time},
                                               {"GET", "k"},
                                               {"DBSIZE"},
                                               {"SET", "k", "v"},
                                               {"PEXPIREAT", "k", time, "LT"},
                                               {"GET", "k"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"APPEND", "k", "w"},
                                               {"GET", "k"},
                                               {"SET", "k", "5", "PXAT", time},
                                               {"INCR", "k"},
                                               {"GET", "k"},
                                               {"TTL", "k"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"RENAME", "k", "l"},
                                               {"GET", "l"},
                                               {"SET", "k", "v"},
                                               {"SET", "l", "w", "PXAT", time},
                                               {"RENAMENX", "k", "l"},
                                               {"GET", "l"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"SETNX", "k", "new"},
                                               {"GET", "k"},
                                               {"PTTL", "k"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"SET", "k", "w", "KEEPTTL"},
                                               {"GET", "k"},
                                               {"PTTL", "k"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"DEL", "k"},
                                               {"DBSIZE"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"COPY", "k", "m"},
                                               {"EXISTS", "m"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"MOVE", "k", "1"},
                                               {"PERSIST", "k"},
                                               {"GETDEL", "k"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"SETRANGE", "k", "3", "x"},
                                               {"GET", "k"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"SET", "k", "x", "XX"},
                                               {"GET", "k"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"GETSET", "k", "x"},
                                               {"GETEX", "k", "PERSIST"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"MSETNX", "k", "x", "n", "y"},
                                               {"MGET", "k", "n"},
                                               {"SET", "k", "v", "PXAT", time},
                                               {"WATCH", "k"},
                                               {"GET", "k"},
                                               {"MULTI"},
                                               {"PING"},
                                               {"EXEC"},
                                               {"FLUSHALL"}};
        for (const Command& command : commands) {
            if (!duel.run(1, command)) FAIL(duel.failure());
        }
    }
}

}  // namespace tidemark::test
