// What the log is given, replayed into an empty server, leaves the same data.
#include <doctest/doctest.h>

#include "tests/process/random_commands.h"
#include "tests/support/in_process.h"

namespace tidemark::test {

namespace {

constexpr size_t kClients = 3;
constexpr size_t kCommands = 30'000;
constexpr size_t kCompareEvery = 1'000;

// Expiries that come due while the test runs: RandomCommands gives only far ones.
Command short_lived(RandomCommands& random) {
    const std::string key(1, static_cast<char>('a' + random.below(5)));
    const std::string ms = std::to_string(1 + random.below(40));
    switch (random.below(4)) {
        case 0:
            return {"SET", key, "short", "PX", ms};
        case 1:
            return {"PEXPIRE", key, ms};
        case 2:
            return {"GETEX", key, "PX", ms};
        default:
            return {"PSETEX", key, ms, "12"};
    }
}

void compare(InProcess& server, InProcess& replayed, uint64_t seed) {
    std::string last = "nothing";
    for (const RememberingSink::Record& record : server.logged_records()) {
        last.clear();
        for (const std::string& arg : record.args) last += arg.substr(0, 60) + ' ';
        if (!replayed.replay(record)) FAIL("seed ", seed, ": cannot replay ", last);
    }
    const auto expected = server.dump();
    const auto got = replayed.dump();
    if (expected != got) {
        for (const std::string& line : expected) MESSAGE("original: ", line);
        for (const std::string& line : got) MESSAGE("replayed: ", line);
        FAIL("seed ", seed, ": the data differs; last record: ", last);
    }
}

}  // namespace

TEST_CASE("cmd/replay: the records of random commands, replayed, give the same data") {
    for (const uint64_t seed : {1, 2, 3}) {
        InProcess server;
        InProcess replayed;
        RandomCommands random(seed);
        std::vector<cmd::Session*> clients;
        for (size_t i = 0; i < kClients; ++i) clients.push_back(&server.connect());
        for (size_t i = 1; i <= kCommands; ++i) {
            cmd::Session& client = *clients[random.below(kClients)];
            const auto state = client.multi.open ? RandomCommands::State::kInTransaction
                                                 : RandomCommands::State::kIdle;
            server.run_as(client, random.below(10) == 0 ? short_lived(random) : random.next(state));
            if (random.below(10) == 0) server.advance_ms(static_cast<int64_t>(random.below(20)));
            if (i % kCompareEvery != 0) continue;
            server.expire_everything_due();
            compare(server, replayed, seed);
        }
    }
}

}  // namespace tidemark::test
