// The RDB part at the head of a log, damaged: salvage keeps what can be read of it, and all behind
// it.
#include <doctest/doctest.h>

#include "tests/support/server_process.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;
using support::ServerKind;

constexpr int kKeysInDump = 20;

std::string make_dump() {
    TempFolder dir;
    auto redis = support::start_server(ServerKind::kRedis, dir.path());
    auto client = redis->connect();
    for (int i = 0; i < kKeysInDump; ++i)
        CHECK(client.cmd({"SET", "dump" + std::to_string(i), "some value"}).ok());
    // The text of a log in a value is not the log.
    CHECK(client.cmd({"SET", "text", record({"SELECT", "0"}) + record({"SET", "no", "1"})}).ok());
    CHECK(client.cmd({"SAVE"}).ok());
    return read_text_file(dir / "dump.rdb");
}

std::string records() {
    return "#TS:1700000000\r\n" + record({"SELECT", "0"}) + record({"SET", "behind", "1"}) +
           record({"SET", "last", "1"});
}

int64_t keys_in_redis(const std::string& log) {
    const TempFolder dir;
    write_text_file(dir / "appendonly.aof", log);
    auto redis = support::start_server(ServerKind::kRedis, dir.path(), {"--appendonly", "yes"});
    return redis->connect().cmd({"DBSIZE"}).integer;
}

}  // namespace

TEST_CASE("tools_aof/dump: a wrong byte anywhere in a log's dump costs nothing") {
    const TempFolder dir;
    const std::string dump = make_dump();
    const std::string log = dump + records();
    for (size_t at = 9; at < dump.size(); at += 7) {
        CAPTURE(at);
        std::string wrong = log;
        wrong[at] = static_cast<char>(wrong[at] ^ 0x41);
        write_text_file(dir / "log", wrong);
        fs::remove(dir / "out");
        const ToolRun run = run_aof_check({"salvage", dir / "log", "-o", dir / "out"});
        CAPTURE(run.out);
        // Of the EOF byte no checksum tells that it was one.
        REQUIRE(run.exit == (at + 9 == dump.size() ? 5 : 4));
        CHECK(read_text_file(dir / "out") == log);
    }
}

TEST_CASE("tools_aof/dump: what cannot be restored is lost alone, and named") {
    const TempFolder dir;
    const std::string dump = make_dump();
    std::string wrong = dump + records();
    const size_t key = wrong.find("dump7");
    for (size_t at = key - 6; at < key + 4; ++at) wrong[at] = static_cast<char>(0xcc);
    write_text_file(dir / "log", wrong);
    const ToolRun check = run_aof_check({dir / "log"});
    CHECK(check.exit == 1);
    CHECK(check.says("aof-check salvage " + (dir / "log") + " keeps what can be read"));
    CHECK(run_aof_check({"fix", dir / "log"}).says("aof-check salvage " + (dir / "log")));
    const ToolRun run = run_aof_check({"salvage", dir / "log", "-o", dir / "out"});
    CAPTURE(run.out);
    CHECK(run.exit == 5);
    CHECK(run.says("lost: log: bytes "));
    const std::string saved = read_text_file(dir / "out");
    CHECK(saved.ends_with(records()));
    CHECK(run_aof_check({dir / "out"}).exit == 0);
    // Of the dump two at most: the damage may reach into the key before it.
    CHECK(keys_in_redis(saved) >= kKeysInDump + 1 + 2 - 2);
}

TEST_CASE("tools_aof/dump: behind one that does not say what it is the records stay") {
    const TempFolder dir;
    std::string wrong = make_dump() + records();
    wrong[6] = 'x';  // of its version
    write_text_file(dir / "log", wrong);
    CHECK(run_aof_check({"salvage", dir / "log", "-o", dir / "out"}).exit == 5);
    CHECK(read_text_file(dir / "out") == records());
    // As a base there is nothing left of it.
    const std::string folder = make_log(dir, {records()});
    write_text_file(folder + "/appendonly.aof.1.base.rdb", wrong.substr(0, 100));
    const std::string manifest = folder + "/appendonly.aof.manifest";
    write_text_file(manifest,
                    "file appendonly.aof.1.base.rdb seq 1 type b\n" + read_text_file(manifest));
    CHECK(run_aof_check({"salvage", "--in-place", folder}).exit == 5);
    CHECK(run_aof_check({folder}).exit == 0);
}

TEST_CASE("tools_aof/dump: damage that shows in the checksum alone is said to be somewhere") {
    const TempFolder dir;
    std::string wrong = make_dump() + records();
    wrong[wrong.find("some value")] = 'S';
    wrong[wrong.rfind("some value") + 5] = 'V';
    write_text_file(dir / "log", wrong);
    const ToolRun run = run_aof_check({"salvage", dir / "log", "-o", dir / "out"});
    CAPTURE(run.out);
    CHECK(run.exit == 4);
    CHECK(run.says("a value may be wrong"));
    CHECK(read_text_file(dir / "out").ends_with(records()));
}

}  // namespace tidemark::aof_check
