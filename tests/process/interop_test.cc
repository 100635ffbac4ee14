// Log folders go from tidemark-server to redis-server and back, and hold the same keys in both.
#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "tests/process/dataset.h"
#include "tests/process/rewrite.h"
#include "tests/process/workload.h"
#include "tests/support/server_process.h"

namespace tidemark {
namespace {

using process::change_at_random;
using process::Dataset;
using process::difference;
using process::read_dataset;
using process::rewrite_log;
using support::Client;
using support::rounds;
using support::ServerKind;
using support::start_server;
using support::TempFolder;

const std::vector<std::string> kRedisDefaults = {"--aof-use-rdb-preamble", "yes"};

// What the server of this kind finds in the folder; stopped cleanly afterwards.
Dataset load(ServerKind kind, const std::string& folder) {
    auto server = start_server(kind, folder);
    Client client = server->connect();
    Dataset dataset = read_dataset(client);
    CHECK(server->stop().code == 0);
    return dataset;
}

bool has_cut_tail(const std::string& folder) {
    const auto files = support::files_below(folder);
    return std::any_of(files.begin(), files.end(), [](const std::string& name) {
        return name.find(".aof.tail-") != std::string::npos;
    });
}

// Starts it on the folder, changes things, and returns what it held when it stopped.
Dataset change(ServerKind kind, const std::string& folder, uint64_t seed,
               const std::vector<std::string>& args = {}) {
    auto server = start_server(kind, folder, args);
    Client client = server->connect();
    Random random(seed);
    change_at_random(client, random, rounds(4000, 100'000));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // PX 1 keys are over
    Dataset dataset = read_dataset(client);
    CHECK(dataset.size() > 100);
    CHECK(server->stop().code == 0);
    return dataset;
}

// Strings in every form that an RDB file has for them, as names too.
void add_every_form(Client& client) {
    const std::vector<std::string> numbers = {"0",
                                              "-1",
                                              "127",
                                              "128",
                                              "-128",
                                              "-129",
                                              "32767",
                                              "32768",
                                              "-32768",
                                              "-32769",
                                              "65536",
                                              "-65536",
                                              "2147483647",
                                              "-2147483648",
                                              "2147483648",
                                              "007",
                                              "-0",
                                              "1.5",
                                              "9223372036854775807"};
    for (const std::string& number : numbers) REQUIRE(client.cmd({"SET", number, number}).ok());
    const std::string repeated(100'000, 'r');
    std::string counted;
    for (int i = 0; i < 20'000; ++i) counted += std::to_string(i);
    std::string noise(70'000, ' ');
    Random random(8);
    for (char& c : noise) c = static_cast<char>(random.below(256));
    for (const std::string& text : {std::string(), repeated, counted, noise,
                                    std::string("\0\r\n\xff", 4), std::string(300'000, 'k')}) {
        REQUIRE(client.cmd({"SET", "long" + std::to_string(text.size()), text}).ok());
    }
    REQUIRE(client.cmd({"SET", std::string(500, 'n'), "long name"}).ok());
    REQUIRE(client.cmd({"SELECT", "15"}).ok());
    REQUIRE(client.cmd({"SET", "-7", std::string(50, '5'), "EX", "5000"}).ok());
    REQUIRE(client.cmd({"SELECT", "0"}).ok());
}

}  // namespace

TEST_CASE("interop: redis-server loads the folder that a clean stop left") {
    for (const char* policy : {"always", "everysec", "no"}) {
        CAPTURE(policy);
        const TempFolder data;
        const Dataset ours =
            change(ServerKind::kTidemark, data.path(), 1, {"--appendfsync", policy});
        CHECK(difference(ours, load(ServerKind::kRedis, data.path())) == "");
    }
}

TEST_CASE("interop: redis-server loads the folder that kill -9 left, with the same keys") {
    const uint64_t seed = random_seed_from_kernel();
    CAPTURE(seed);
    Random random(seed);
    for (int i = rounds(8, 100); i > 0; --i) {
        const TempFolder data;
        const TempFolder copy;
        process::Workload workload(4, random.next());
        auto server = start_server(ServerKind::kTidemark, data.path());
        workload.start(server->endpoint());
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(200'000)));
        server->kill_hard();
        workload.stop();
        support::copy_folder(data.path(), copy.path());
        const Dataset theirs = load(ServerKind::kRedis, copy.path());
        const Dataset ours = load(ServerKind::kTidemark, data.path());
        // SIGKILL can end a write between two pages. Of such a group, which nobody was promised,
        // redis-server takes the records that happen to be whole; ours cuts all of it.
        if (!has_cut_tail(data.path())) REQUIRE(difference(ours, theirs) == "");
        REQUIRE(difference(ours, load(ServerKind::kRedis, data.path())) == "");
    }
}

TEST_CASE("interop: a folder that redis-server wrote is loaded, as it is and rewritten") {
    for (const bool rewritten : {false, true}) {
        CAPTURE(rewritten);
        const TempFolder data;
        const std::vector<std::string> args = {"--aof-use-rdb-preamble", "no",
                                               "--aof-timestamp-enabled", "yes"};
        Dataset theirs = change(ServerKind::kRedis, data.path(), 2, args);
        if (rewritten) {
            auto server = start_server(ServerKind::kRedis, data.path(), args);
            Client client = server->connect();
            rewrite_log(client);
            Random random(3);
            change_at_random(client, random, 500);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            theirs = read_dataset(client);
            server->kill_hard();
        }
        CHECK(difference(theirs, load(ServerKind::kTidemark, data.path())) == "");
    }
}

// As redis-server writes it when nobody tells it otherwise.
TEST_CASE("interop: a folder with a base in RDB form is loaded, key by key, and goes back") {
    const TempFolder data;
    Dataset theirs;
    {
        auto redis = start_server(ServerKind::kRedis, data.path(), kRedisDefaults);
        Client client = redis->connect();
        Random random(9);
        change_at_random(client, random, rounds(4000, 100'000));
        add_every_form(client);
        rewrite_log(client);
        change_at_random(client, random, 500);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // PX 1 keys are over
        theirs = read_dataset(client);
        CHECK(redis->stop().code == 0);
    }
    REQUIRE(theirs.size() > 100);
    REQUIRE(support::read_text_file(data / "appendonlydir/appendonly.aof.2.base.rdb").size() >
            100'000);
    CHECK(difference(theirs, load(ServerKind::kTidemark, data.path())) == "");
    CHECK(difference(theirs, load(ServerKind::kRedis, data.path())) == "");
    const Dataset ours = change(ServerKind::kTidemark, data.path(), 10);
    CHECK(difference(ours, load(ServerKind::kRedis, data.path())) == "");
    CHECK(difference(ours, load(ServerKind::kTidemark, data.path())) == "");
}

TEST_CASE("interop: a single file with an RDB preamble is adopted") {
    const TempFolder redis_data;
    const TempFolder data;
    Dataset theirs;
    {
        auto redis = start_server(ServerKind::kRedis, redis_data.path(), kRedisDefaults);
        Client client = redis->connect();
        Random random(11);
        change_at_random(client, random, 2000);
        add_every_form(client);
        rewrite_log(client);
        change_at_random(client, random, 2000);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        theirs = read_dataset(client);
        CHECK(redis->stop().code == 0);
    }
    const std::string folder = redis_data / "appendonlydir/appendonly.aof.2.";
    support::write_text_file(data / "appendonly.aof",
                             support::read_text_file(folder + "base.rdb") +
                                 support::read_text_file(folder + "incr.aof"));
    CHECK(difference(theirs, load(ServerKind::kTidemark, data.path())) == "");
    CHECK(difference(theirs, load(ServerKind::kTidemark, data.path())) == "");
    CHECK(difference(theirs, load(ServerKind::kRedis, data.path())) == "");
}

TEST_CASE("interop: a folder goes from ours to redis-server and back, changed by each") {
    const TempFolder data;
    const std::vector<std::string> plain = {"--aof-use-rdb-preamble", "no"};
    Dataset ours = change(ServerKind::kTidemark, data.path(), 4);
    CHECK(difference(ours, load(ServerKind::kRedis, data.path())) == "");
    const Dataset theirs = change(ServerKind::kRedis, data.path(), 5, plain);
    CHECK(difference(theirs, load(ServerKind::kTidemark, data.path())) == "");
    ours = change(ServerKind::kTidemark, data.path(), 6);
    CHECK(difference(ours, load(ServerKind::kRedis, data.path())) == "");
    CHECK(difference(ours, load(ServerKind::kTidemark, data.path())) == "");
}

TEST_CASE("interop: a single file from before Redis 7 is adopted") {
    const TempFolder redis_data;
    const TempFolder data;
    const Dataset theirs =
        change(ServerKind::kRedis, redis_data.path(), 7, {"--aof-use-rdb-preamble", "no"});
    support::write_text_file(
        data / "appendonly.aof",
        support::read_text_file(redis_data / "appendonlydir/appendonly.aof.1.incr.aof"));
    CHECK(difference(theirs, load(ServerKind::kTidemark, data.path())) == "");
    CHECK(difference(theirs, load(ServerKind::kTidemark, data.path())) == "");
    CHECK(difference(theirs, load(ServerKind::kRedis, data.path())) == "");
}

}  // namespace tidemark
