// What the log leaves on a real disk, a stock redis-server 7.0.15 must load at any moment, the
// window included; and what that server appends behind it, we must take back.
#include <doctest/doctest.h>

#include "aof/log.h"
#include "aof/recovery.h"
#include "io/real_disk.h"
#include "io/ring.h"
#include "tests/aof/log_rig.h"
#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

using namespace tidemark;
using namespace tidemark::testing;

namespace {

class NoObserver final : public aof::Log::Observer {
public:
    void on_released() override {}
    void on_writable_changed() override {}
};

// A log on the kernel's files, turned by hand.
struct RealLog {
    std::unique_ptr<io::Ring> ring = *io::Ring::create({});
    io::RealDisk disk{ring.get()};
    SystemClock clock;
    Logger logger{clock};
    NoObserver observer;
    MapKeyspace keyspace;
    aof::RecoveryReport report;
    std::unique_ptr<aof::Log> log;

    explicit RealLog(const std::string& dir, aof::FsyncPolicy policy = aof::FsyncPolicy::kAlways) {
        logger.set_level(LogLevel::kNothing);
        aof::RecoveryOptions options;
        options.names.dir = dir;
        auto folder = aof::recover(disk, logger, options, keyspace, report);
        REQUIRE_MESSAGE(folder.has_value(), folder.error().what);
        aof::Log::Options log_options;
        log_options.policy = policy;
        log_options.window_bytes = 64 * 1024;
        log_options.folio_bytes = 4 * 1024;
        log_options.piece_bytes = 1000;
        log_options.timestamps = true;
        log = std::make_unique<aof::Log>(disk, clock, logger, std::move(*folder), log_options,
                                         observer);
    }
    ~RealLog() { settle(); }

    void set(int db, const std::string& key, const std::string& value) {
        const std::string_view args[] = {"SET", key, value};
        log->append({db, args, {}});
    }
    void settle() {
        log->end_of_turn();
        while (log->busy()) {
            ring->turn(io::Ring::Wait::kForCompletion);
            log->end_of_turn();
        }
    }
};

constexpr int kKeys = 300;

// Groups of several sizes, both databases, a transaction longer than a piece, a second increment.
void write_workload(RealLog& real) {
    for (int i = 0; i < kKeys; ++i) {
        real.set(i % 7 == 0 ? 1 : 0, "k" + std::to_string(i),
                 std::string(static_cast<size_t>(i), 'v'));
        if (i % 5 == 0) real.settle();
        if (i == kKeys / 2) real.log->start_next_increment();
    }
    real.log->begin_transaction();
    for (int i = 0; i < 20; ++i) real.set(2, "t" + std::to_string(i), std::string(200, 't'));
    real.log->end_transaction();
    real.settle();
    REQUIRE(real.log->stats().increments_opened == 1);
}

void check_aof_is_valid(const std::string& dir) {
    std::string output;
    const auto status =
        support::run_program({"redis-check-aof", dir + "/appendonlydir/appendonly.aof.manifest"},
                             support::Milliseconds(20'000), &output);
    CHECK_MESSAGE(status.code == 0, output);
}

}  // namespace

TEST_CASE("aof/redis: a folder as kill -9 leaves it is valid to redis-check-aof and redis-server") {
    support::TempFolder dir;
    aof::FsyncPolicy policy = aof::FsyncPolicy::kAlways;
    SUBCASE("always") {}
    SUBCASE("everysec") {
        policy = aof::FsyncPolicy::kEverySecond;
    }
    {
        RealLog real(dir.path(), policy);
        write_workload(real);
    }
    check_aof_is_valid(dir.path());
    auto redis =
        support::start_server(support::ServerKind::kRedis, dir.path(), {"--appendonly", "yes"});
    auto client = redis->connect();
    CHECK(client.cmd({"GET", "k299"}).text == std::string(299, 'v'));
    CHECK(client.cmd({"DBSIZE"}).integer == kKeys - (kKeys + 6) / 7);
    CHECK(client.cmd({"SELECT", "1"}).ok());
    CHECK(client.cmd({"DBSIZE"}).integer == (kKeys + 6) / 7);
    CHECK(client.cmd({"SELECT", "2"}).ok());
    CHECK(client.cmd({"DBSIZE"}).integer == 20);
    // Behind the window; the next start of ours reads it and continues in a file of its own.
    CHECK(client.cmd({"SELECT", "4"}).ok());
    CHECK(client.cmd({"SET", "from", "redis"}).ok());
    redis->kill_hard();
    RealLog again(dir.path());
    CHECK(again.keyspace.dbs[4]["from"] == "redis");
    CHECK(again.keyspace.keys() == kKeys + 20 + 1);
    CHECK(again.log->manifest().increments.size() == 3);
    check_aof_is_valid(dir.path());
}

TEST_CASE("aof/redis: a clean stop leaves no window, and nothing to cut") {
    support::TempFolder dir;
    {
        RealLog real(dir.path());
        write_workload(real);
        CHECK(real.log->close().has_value());
    }
    check_aof_is_valid(dir.path());
    RealLog again(dir.path());
    CHECK(again.report.cut_bytes == 0);
    CHECK(again.keyspace.keys() == kKeys + 20);
    CHECK(again.log->manifest().increments.size() == 2);
}
