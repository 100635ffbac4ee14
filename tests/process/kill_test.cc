// kill -9 at random moments, under load of several clients, also while the server is starting.
//
// A killed process loses nothing that it had handed to the kernel, so the full promise is asked of
// every policy here; what a power cut may take under everysec and no is asked on the simulated
// disk.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

#include "base/random.h"
#include "tests/process/workload.h"
#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using process::Promise;
using process::Workload;
using support::rounds;
using support::ServerKind;
using support::ServerProcess;
using support::start_server;
using support::TempFolder;

constexpr int kWriters = 4;
// A fresh folder now and then, so that the log to replay stays short.
constexpr int kKillsPerFolder = 20;

struct Killing {
    std::vector<std::string> options;
    Random random;

    void pause_up_to_ms(uint64_t ms) {
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(ms * 1000)));
    }

    // Kills it during startup a few times before it may come up.
    std::unique_ptr<ServerProcess> come_up(const std::string& folder) {
        while (random.one_in(3)) {
            ServerProcess victim(ServerKind::kTidemark, folder, options);
            pause_up_to_ms(40);
            victim.kill_hard();
        }
        return start_server(ServerKind::kTidemark, folder, options);
    }

    void run_folder(int kills, Promise promise) {
        const TempFolder data;
        Workload workload(kWriters, random.next());
        for (int i = 0; i < kills; ++i) {
            auto server = come_up(data.path());
            REQUIRE(workload.check(server->endpoint(), promise) == "");
            workload.start(server->endpoint());
            pause_up_to_ms(200);
            server->kill_hard();
            workload.stop();
        }
        auto server = come_up(data.path());
        CHECK(workload.check(server->endpoint(), promise) == "");
        CHECK(workload.acknowledged() > 0);
    }
};

void kill_under_policy(const std::string& policy, Promise promise) {
    const uint64_t seed = random_seed_from_kernel();
    CAPTURE(seed);
    CAPTURE(policy);
    Killing killing{{"--appendfsync", policy}, Random(seed)};
    for (int left = rounds(12, 200); left > 0; left -= kKillsPerFolder)
        killing.run_folder(std::min(left, kKillsPerFolder), promise);
}

}  // namespace

TEST_CASE("kill -9: under always every acknowledged write is there, transactions whole") {
    kill_under_policy("always", Promise::kEverythingAcknowledged);
}

TEST_CASE("kill -9: under everysec every write that reached the kernel is there") {
    kill_under_policy("everysec", Promise::kEverythingAcknowledged);
}

TEST_CASE("kill -9: with no sync policy every write that reached the kernel is there") {
    kill_under_policy("no", Promise::kEverythingAcknowledged);
}

TEST_CASE("kill -9: a log with timestamps comes back whole") {
    const uint64_t seed = random_seed_from_kernel();
    CAPTURE(seed);
    Killing killing{{"--appendfsync", "always", "--aof-timestamp-enabled", "yes"}, Random(seed)};
    killing.run_folder(rounds(4, kKillsPerFolder), Promise::kEverythingAcknowledged);
}

}  // namespace tidemark
