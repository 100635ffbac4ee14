// Tests of bench/load_generator.cc and its parts, against redis-server: the load's own account of
// what it did must agree with the server's.
#include "bench/load_generator.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "bench/machine.h"
#include "bench/reply_counter.h"
#include "bench/request_writer.h"
#include "bench/server_process.h"
#include "bench/stop_signal.h"
#include "tests/bench/stalling_server.h"

using namespace tidemark::bench;

namespace {

constexpr const char* kRedis = "/usr/bin/redis-server";

struct Redis {
    ScratchFolder scratch;
    StopSignal stop;
    std::unique_ptr<ServerProcess> process;
};

Redis start_redis(Transport transport = Transport::kTcp) {
    auto scratch = ScratchFolder::create("/tmp");
    REQUIRE(scratch);
    auto stop = StopSignal::open();
    REQUIRE(stop);
    ServerSetup setup;
    setup.name = "redis";
    setup.binary = kRedis;
    setup.folder = *scratch->subfolder("redis");
    setup.transport = transport;
    auto process = ServerProcess::start(setup);
    REQUIRE(process);
    REQUIRE((*process)->wait_ready(*stop, 20));
    return Redis{std::move(*scratch), std::move(*stop), std::move(*process)};
}

LoadResult load(Redis& redis, const Lane& lane, double seconds) {
    LoadPlan plan;
    plan.endpoint = redis.process->endpoint();
    plan.lanes = {lane};
    auto generator = LoadGenerator::connect(plan, -1);
    REQUIRE(generator);
    auto result = (*generator)->run(seconds);
    REQUIRE(result);
    return *result;
}

void check_sums(const LaneResult& lane) {
    CHECK(lane.replies == lane.sent);
    CHECK(lane.reads.count() + lane.writes.count() == lane.replies);
    CHECK(lane.errors == 0);
}

bool have_redis() {
    return access(kRedis, X_OK) == 0;
}

}  // namespace

TEST_CASE("bench/reply_counter: replies split at any byte are counted once") {
    const std::string stream = "+OK\r\n$5\r\na\r\nbc\r\n:12\r\n$-1\r\n-ERR no\r\n$0\r\n\r\n_\r\n";
    for (size_t cut = 0; cut <= stream.size(); cut++) {
        ReplyCounter counter;
        const auto first = counter.feed(std::string_view(stream).substr(0, cut));
        const auto second = counter.feed(std::string_view(stream).substr(cut));
        CHECK(first.replies + second.replies == 7);
        CHECK(first.errors + second.errors == 1);
        CHECK(first.misses + second.misses == 2);
        CHECK(counter.first_error() == "ERR no");
        CHECK_FALSE(counter.malformed());
    }
}

TEST_CASE("bench/reply_counter: what is no reply is noticed") {
    for (const char* bad : {"hello\r\n", "$x\r\n", "+OK\n", "*1\r\n"}) {
        ReplyCounter counter;
        counter.feed(bad);
        CHECK(counter.malformed());
    }
}

TEST_CASE("bench/request_writer: the key's number is in the request and nothing else changes") {
    std::vector<char> bytes;
    RequestWriter(Verb::kGet, 0, 0).append(bytes, 42);
    RequestWriter(Verb::kSet, 3, 60).append(bytes, 999'999'999'999);
    CHECK(std::string(bytes.begin(), bytes.end()) ==
          "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000042\r\n"
          "*5\r\n$3\r\nSET\r\n$16\r\nkey:999999999999\r\n$3\r\nxxx\r\n$2\r\nEX\r\n$2\r\n60\r\n");
}

TEST_CASE("bench/load: a sequential load sets every key once, by the server's count") {
    if (!have_redis()) return;
    for (const Transport transport : {Transport::kTcp, Transport::kUnix}) {
        Redis redis = start_redis(transport);
        Lane lane;
        lane.order = KeyOrder::kSequential;
        lane.keys = {0, 5'003};
        lane.requests = 5'003;
        lane.connections = 7;
        lane.pipeline = 16;
        const LoadResult result = load(redis, lane, 0);
        check_sums(result.lanes[0]);
        CHECK(result.lanes[0].sent == 5'003);
        CHECK(redis.process->ask({"DBSIZE"}).value() == "5003");
        CHECK(redis.process->ask({"STRLEN", "key:000000005002"}).value() == "64");
    }
}

TEST_CASE("bench/load: a mixed closed loop splits reads from writes and counts misses") {
    if (!have_redis()) return;
    Redis redis = start_redis();
    Lane lane;
    lane.verb = Verb::kIncr;
    lane.read_share = 0.5;
    lane.connections = 5;
    lane.pipeline = 8;
    lane.keys = {0, 1};
    lane.read_keys = {1'000, 10};  // never written
    const LoadResult result = load(redis, lane, 0.2);
    check_sums(result.lanes[0]);
    CHECK(result.lanes[0].misses == result.lanes[0].reads.count());
    CHECK(result.lanes[0].writes.count() > 0);
    CHECK(redis.process->ask({"GET", "key:000000000000"}).value() ==
          std::to_string(result.lanes[0].writes.count()));
}

TEST_CASE("bench/load: at a fixed rate all that is due is sent and answered, whatever it takes") {
    if (!have_redis()) return;
    Redis redis = start_redis();
    Lane lane;
    lane.verb = Verb::kPing;
    lane.connections = 4;
    lane.rate = 1'000;
    const LoadResult result = load(redis, lane, 0.5);
    check_sums(result.lanes[0]);
    CHECK(result.lanes[0].scheduled == 500);
    CHECK(result.lanes[0].sent == 500);
}

TEST_CASE("bench/load: a rate that no server can keep is answered in full after the end") {
    if (!have_redis()) return;
    Redis redis = start_redis();
    Lane lane;
    lane.verb = Verb::kPing;
    lane.connections = 2;
    lane.rate = 1'000'000;
    const LoadResult result = load(redis, lane, 0.05);
    check_sums(result.lanes[0]);
    CHECK(result.lanes[0].sent == 50'000);
}

TEST_CASE("bench/load: a stalled server is charged for every request that was due meanwhile") {
    constexpr int kStallMs = 300;
    StallingServer server(kStallMs);
    REQUIRE(server.ready());
    LoadPlan plan;
    plan.endpoint.port = server.port();
    Lane lane;
    lane.verb = Verb::kPing;
    lane.connections = 1;
    lane.rate = 1'000;
    plan.lanes = {lane};
    auto generator = LoadGenerator::connect(plan, -1);
    REQUIRE(generator);
    auto result = (*generator)->run(0.4);
    REQUIRE(result);
    check_sums(result->lanes[0]);
    CHECK(result->lanes[0].sent == 400);
    // Nothing was answered before 300 ms: the request due at i ms waited 300 - i at least, so of
    // 400 the slowest 200 waited 100 ms or more.
    CHECK(result->lanes[0].reads.percentile(51) >= 100'000'000);
    CHECK(result->lanes[0].reads.max() >= 299'000'000);
}

TEST_CASE("bench/load: with a key of its own, a connection's acknowledgements are its counter") {
    if (!have_redis()) return;
    Redis redis = start_redis();
    LoadPlan plan;
    plan.endpoint = redis.process->endpoint();
    Lane lane;
    lane.verb = Verb::kIncr;
    lane.connections = 3;
    lane.pipeline = 4;
    lane.order = KeyOrder::kOwn;
    lane.acks = Acks::kKeepTimes;
    plan.lanes = {lane};
    auto generator = LoadGenerator::connect(plan, -1);
    REQUIRE(generator);
    REQUIRE((*generator)->run(0.1));
    for (size_t i = 0; i < 3; i++) {
        const auto& acks = (*generator)->acks(i);
        CHECK(std::is_sorted(acks.begin(), acks.end()));
        CHECK(redis.process->ask({"GET", "key:00000000000" + std::to_string(i)}).value() ==
              std::to_string(acks.size()));
    }
}

TEST_CASE("bench/load: error replies are counted and the first is kept") {
    if (!have_redis()) return;
    Redis redis = start_redis();
    REQUIRE(redis.process->ask({"LPUSH", "key:000000000000", "x"}));
    Lane lane;
    lane.verb = Verb::kGet;
    lane.keys = {0, 1};
    lane.connections = 2;
    lane.requests = 20;
    const LoadResult result = load(redis, lane, 0);
    CHECK(result.lanes[0].errors == 20);
    CHECK(result.lanes[0].first_error.substr(0, 9) == "WRONGTYPE");
}

TEST_CASE("bench/server: CPU time and memory are read, an unstarted server says why") {
    if (!have_redis()) return;
    Redis redis = start_redis();
    const double before = redis.process->cpu_us();
    CHECK(before > 0);
    REQUIRE(redis.process->ask({"DEBUG", "SLEEP", "0"}).error().what.size() > 0);
    Lane lane;
    lane.requests = 20'000;
    load(redis, lane, 0);
    CHECK(redis.process->cpu_us() > before + 1'000);
    CHECK(redis.process->rss_bytes().value() > 1'000'000);
    CHECK(redis.process->info("redis_version").value().substr(0, 1) >= "1");
    CHECK_FALSE(redis.process->info("no_such_field"));

    ServerSetup setup;
    setup.name = "broken";
    setup.binary = kRedis;
    setup.arguments = {"--no-such-directive", "1"};
    setup.folder = *redis.scratch.subfolder("broken");
    auto broken = ServerProcess::start(setup);
    REQUIRE(broken);
    const auto ready = (*broken)->wait_ready(redis.stop, 10);
    REQUIRE_FALSE(ready);
    CHECK(ready.error().what.find("no-such-directive") != std::string::npos);
}
