// verify: against dumps that a redis-server saved beside its log.
#include <doctest/doctest.h>

#include "tests/process/rewrite.h"
#include "tests/support/server_process.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;
using support::ServerKind;

// A redis-server with keys of several kinds in two databases, whose log has just been rewritten.
class Redis {
public:
    Redis()
        : server_(support::start_server(ServerKind::kRedis, dir_.path(),
                                        {"--appendonly", "yes", "--save", ""})),
          client_(server_->connect()) {
        for (int i = 0; i < 20; ++i) run({"SET", "s" + std::to_string(i), std::string(50, 'v')});
        run({"RPUSH", "list", "a", "b"});
        run({"HSET", "hash", "f", "1", "g", "2"});
        run({"ZADD", "zset", "1", "m"});
        run({"SET", "later", "v", "PXAT", "4000000000000"});
        run({"SELECT", "3"});
        for (int i = 0; i < 5; ++i) run({"SET", "t" + std::to_string(i), "v"});
        run({"SELECT", "0"});
        process::rewrite_log(client_);
    }

    void run(const support::CommandArgs& args) { REQUIRE_FALSE(client_.cmd(args).is_error()); }

    // What follows is not logged any more.
    void stop_logging() { run({"CONFIG", "SET", "appendonly", "no"}); }

    ToolRun verify(std::vector<std::string> more = {}) {
        run({"SAVE"});
        more.insert(more.begin(), {"verify", "--against", dir_ / "dump.rdb"});
        more.push_back(dir_ / "appendonlydir");
        return run_aof_check(more);
    }

    std::string log() const { return dir_ / "appendonlydir"; }

private:
    TempFolder dir_;
    std::unique_ptr<support::ServerProcess> server_;
    support::Client client_;
};

}  // namespace

TEST_CASE("tools_aof/verify: a log right after a rewrite holds the dump, key by key") {
    Redis redis;
    const ToolRun run = redis.verify();
    CAPTURE(run.out);
    CHECK(run.exit == 0);
    CHECK(run.last_line().find("holds the same") != std::string::npos);
    CHECK(run.last_line().find("29 keys") != std::string::npos);
    CHECK_FALSE(run.says("may differ"));
}

TEST_CASE("tools_aof/verify: what the increments write to may differ, all else must not") {
    Redis redis;
    redis.run({"SET", "s1", "other"});
    redis.run({"DEL", "s2", "list"});
    redis.run({"MULTI"});
    redis.run({"SELECT", "3"});
    redis.run({"SADD", "new", "m"});
    redis.run({"EXEC"});
    redis.run({"MOVE", "t1", "5"});
    redis.run({"SET", "gone", "again"});
    redis.run({"DEL", "gone"});
    const ToolRun same = redis.verify();
    CAPTURE(same.out);
    CHECK(same.exit == 0);
    for (const char* line :
         {"? db 0 string \"s1\"\n", "? db 0 string \"s2\"\n", "? db 0 list \"list\"\n",
          "? db 3 set \"new\"\n", "? db 3 string \"t1\"\n", "? db 5 string \"t1\"\n"})
        CHECK_MESSAGE(same.says(line), line);
    CHECK(same.last_line().find("25 keys; 6 keys may differ") != std::string::npos);
    CHECK(same.last_line().find("wrote to 1 key that neither") != std::string::npos);
}

TEST_CASE("tools_aof/verify: a key that the log does not write to and that differs is told") {
    Redis redis;
    redis.run({"SET", "s1", "other"});
    redis.stop_logging();
    redis.run({"SET", "s1", "again"});  // may differ all the same
    redis.run({"SET", "s3", "x"});
    redis.run({"DEL", "s4"});
    redis.run({"PERSIST", "later"});
    redis.run({"HSET", "extra", "f", "v"});
    const ToolRun run = redis.verify();
    CAPTURE(run.out);
    CHECK(run.exit == 1);
    for (const char* line :
         {"? db 0 string \"s1\"\n", "~ db 0 string \"s3\"\n", "- db 0 string \"s4\"\n",
          "+ db 0 hash \"extra\"\n", "t db 0 string \"later\": expires at 4000000000000, never"})
        CHECK_MESSAGE(run.says(line), line);
    CHECK(run.last_line().find("1 removed, 1 added, 1 changed, 1 with another expiry") !=
          std::string::npos);
    CHECK(redis.verify({"--ignore-ttl"}).says("0 with another expiry"));
    CHECK_FALSE(redis.verify({"--summary"}).says("\"s3\""));
    const ToolRun json = redis.verify({"--json"});
    CHECK(json.says("{\"change\":\"changed\",\"db\":0,\"key\":\"s3\""));
    CHECK(json.says("{\"change\":\"open\",\"db\":0,\"key\":\"s1\""));
    CHECK(json.says("\"may_differ\":{\"keys\":1,\"keys_in_neither\":0}"));
}

TEST_CASE("tools_aof/verify: FLUSHDB leaves the other databases to be compared, FLUSHALL nothing") {
    Redis redis;
    redis.run({"SELECT", "3"});
    redis.run({"FLUSHDB"});
    const ToolRun one = redis.verify();
    CAPTURE(one.out);
    CHECK(one.exit == 0);
    CHECK(one.says("? all of db 3: FLUSHDB at "));
    CHECK(one.last_line().find("24 keys; 5 keys may differ") != std::string::npos);
    redis.run({"FLUSHALL"});
    redis.run({"SET", "s1", std::string(50, 'v')});
    const ToolRun all = redis.verify();
    CAPTURE(all.out);
    CHECK(all.exit == 7);
    CHECK(all.says("? all keys: FLUSHALL at "));
    CHECK(all.last_line().find("cannot be compared with") != std::string::npos);
}

TEST_CASE("tools_aof/verify: a damaged log is not compared, a torn end is left out and said") {
    Redis redis;
    redis.run({"SET", "s1", "other"});
    const std::string path = redis.log() + "/appendonly.aof.2.incr.aof";
    const std::string whole = read_text_file(path);
    write_text_file(path, whole + "*3\r\n$3\r\nSET\r\n$2\r\ns2");
    const ToolRun torn = redis.verify();
    CAPTURE(torn.out);
    CHECK(torn.exit == 0);
    CHECK(torn.says("which a server cuts off"));
    CHECK_FALSE(torn.says("\"s2\""));
    write_text_file(path, whole + "garbage");
    const ToolRun damaged = redis.verify();
    CHECK(damaged.exit == 1);
    CHECK(damaged.says("not compared: the log is damaged"));
}

TEST_CASE("tools_aof/verify: a log without a base, and a single file with a preamble") {
    const TempFolder dir;
    Redis redis;
    redis.run({"SET", "s1", "other"});
    CHECK(redis.verify().exit == 0);
    const std::string base = read_text_file(redis.log() + "/appendonly.aof.2.base.rdb");
    const std::string rest = read_text_file(redis.log() + "/appendonly.aof.2.incr.aof");
    write_text_file(dir / "dump.rdb", base);
    write_text_file(dir / "old.aof", base + rest);
    const ToolRun old = run_aof_check({"verify", "--against", dir / "dump.rdb", dir / "old.aof"});
    CAPTURE(old.out);
    CHECK(old.exit == 0);
    CHECK(old.last_line().find("28 keys; 1 key may differ") != std::string::npos);
    const std::string folder = make_log(dir, {rest});
    const ToolRun bare = run_aof_check({"verify", "--against", dir / "dump.rdb", folder});
    CHECK(bare.exit == 1);
    CHECK(bare.says("28 added"));
    CHECK(run_aof_check({"verify", "--against", dir / "nosuch.rdb", folder}).exit == 3);
    CHECK(run_aof_check({"verify", folder}).exit == 2);
}

}  // namespace tidemark::aof_check
