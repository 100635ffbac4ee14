// until, rebuild-manifest, stats, tail, redis-check-aof's ways, and how results come into being.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/process/rewrite.h"
#include "tests/support/server_process.h"
#include "tests/tools_aof/run.h"
#include "tools/aof_check/compat.h"
#include "tools/aof_check/key_traffic.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;
using support::ServerKind;

const std::string kSelect = record({"SELECT", "0"});

std::string set(const std::string& key, const std::string& value = "v") {
    return record({"SET", key, value});
}

std::string time_line(int64_t seconds) {
    return "#TS:" + std::to_string(seconds) + "\r\n";
}

ToolRun as_redis_check_aof(const std::vector<std::string>& args, std::string answer) {
    tools::TextFile out;
    tools::TextFile err;
    const tools::NoStop stop;
    FILE* answers = fmemopen(answer.data(), answer.size(), "r");
    const int exit = run_redis_check_aof(args, answers, {out.file(), err.file(), stop});
    fclose(answers);
    return {exit, out.text(), err.text()};
}

}  // namespace

TEST_CASE("tools_aof/until: undoes a FLUSHALL in a log of several increments, for both servers") {
    for (const ServerKind kind : {ServerKind::kTidemark, ServerKind::kRedis}) {
        TempFolder dir;
        {
            auto server =
                support::start_server(ServerKind::kRedis, dir.path(), {"--appendonly", "yes"});
            auto client = server->connect();
            for (int i = 0; i < 50; ++i)
                CHECK(client.cmd({"SET", "k" + std::to_string(i), std::string(100, 'v')}).ok());
            server->stop();
        }
        {
            // A second increment: a start behind another's records opens one (ours), a rewrite does
            // (Redis's).
            auto server = support::start_server(kind, dir.path(), {"--appendonly", "yes"});
            auto client = server->connect();
            if (kind == ServerKind::kRedis) client.cmd({"BGREWRITEAOF"});
            for (int i = 50; i < 60; ++i)
                CHECK(client.cmd({"SET", "k" + std::to_string(i), "v"}).ok());
            CHECK(client.cmd({"FLUSHALL"}).ok());
            CHECK(client.cmd({"SET", "afterwards", "1"}).ok());
            if (kind == ServerKind::kRedis) usleep(300'000);
            server->stop();
        }
        const ToolRun run =
            run_aof_check({"until", "--before-command", "flushall", "--in-place", dir.path()});
        CAPTURE(run.out);
        CHECK(run.exit == 0);
        CHECK(run_aof_check({dir.path()}).exit == 0);
        auto server = support::start_server(kind, dir.path(), {"--appendonly", "yes"});
        auto client = server->connect();
        CHECK(client.cmd({"DBSIZE"}).integer == 60);
        CHECK(fs::exists(dir / "appendonlydir.bak"));
    }
}

TEST_CASE("tools_aof/until: a time cuts in whichever file it falls, never inside a transaction") {
    const TempFolder dir;
    const std::string first = time_line(100) + kSelect + set("a") + record({"MULTI"}) + set("b") +
                              time_line(105) + set("c") + record({"EXEC"}) + time_line(110) +
                              set("d");
    const std::string folder = make_log(dir, {first, time_line(120) + kSelect + set("e")});
    const auto until = [&](const std::string& time) {
        fs::remove_all(dir / "out");
        CHECK(run_aof_check({"until", "--time", time, "-o", dir / "out", folder}).exit == 0);
        CHECK(run_aof_check({dir / "out"}).exit == 0);
        Data data;
        replay_file(increment(dir / "out", 1), data);
        if (fs::exists(dir / "out/appendonly.aof.2.incr.aof"))
            replay_file(increment(dir / "out", 2), data);
        return data.size();
    };
    CHECK(until("102") == 1);
    CHECK(until("105") == 3);
    CHECK(until("115") == 4);
    CHECK(increment(dir / "out", 1) == first);
    CHECK(run_aof_check({"until", "--time", "200", folder}).exit == 2);  // nothing is newer
    CHECK(run_aof_check({"until", "--before-command", "DEL", folder}).exit == 2);
    CHECK_FALSE(fs::exists(folder + ".until"));
}

TEST_CASE("tools_aof/until: before the first of the log there is nothing to go back to") {
    const TempFolder dir;
    const std::string folder = make_log(dir, {time_line(100) + kSelect + set("a")});
    const ToolRun run = run_aof_check({"until", "--time", "50", "--in-place", folder});
    CHECK(run.exit == 1);
    CHECK(run.says("holds nothing up to"));
    CHECK_FALSE(fs::exists(folder + ".bak"));
    write_text_file(dir / "log", increment(folder, 1));
    const auto cut = [&](const std::string& time) {
        return as_redis_check_aof({"--truncate-to-timestamp", time, dir / "log"}, "n");
    };
    CHECK(cut("50").exit == 1);
    CHECK(
        cut("50").says("AOF " + (dir / "log") + " has nothing before timestamp 50, aborting...\n"));
    CHECK(cut("abc").exit == 1);
    CHECK(cut("abc").says("Invalid timestamp, aborting...\n"));
    CHECK(read_text_file(dir / "log") == increment(folder, 1));
}

TEST_CASE("tools_aof/dry run: every mode that writes a log says what it would do, and does not") {
    const TempFolder dir;
    write_text_file(dir / "log", kSelect + set("a") + set("b") + "garbage" + set("c") + set("d"));
    for (const char* mode : {"fix", "salvage"}) {
        const ToolRun run = run_aof_check({mode, "--dry-run", "--in-place", dir / "log"});
        CHECK(run.exit == 1);
        CHECK(run.says("would drop: log: bytes "));
        // The words of the real run.
        const ToolRun real = run_aof_check({mode, dir / "log"});
        const size_t at = run.out.find("would drop: ") + 12;
        CHECK(real.says("lost: " + run.out.substr(at, run.out.find(',', at) - at)));
    }
    write_text_file(dir / "whole", kSelect + set("a") + record({"FLUSHALL"}));
    const ToolRun until = run_aof_check(
        {"until", "--dry-run", "--before-command", "flushall", "--in-place", dir / "whole"});
    CHECK(until.exit == 0);
    CHECK(until.says("nothing written: --dry-run: the log ends before byte "));
    CHECK_FALSE(fs::exists(dir / "whole.bak"));
}

TEST_CASE("tools_aof/until: an offset keeps the whole records before it; the last command counts") {
    const TempFolder dir;
    const std::string log =
        kSelect + set("a") + record({"FLUSHALL"}) + set("b") + record({"FLUSHALL"}) + set("c");
    write_text_file(dir / "log", log);
    const auto size_until = [&](std::vector<std::string> how) {
        how.insert(how.begin(), "until");
        how.insert(how.end(), {"-o", dir / "out", dir / "log"});
        CHECK(run_aof_check(how).exit == 0);
        const size_t size = read_text_file(dir / "out").size();
        fs::remove(dir / "out");
        return size;
    };
    const size_t first = log.find("*1\r\n$8\r\nFLUSHALL");
    const size_t second = log.find("*1\r\n$8\r\nFLUSHALL", first + 1);
    CHECK(size_until({"--before-command", "FLUSHALL"}) == second);
    CHECK(size_until({"--before-command", "FLUSHALL", "--first"}) == first);
    CHECK(size_until({"--offset", std::to_string(first)}) == first);
    CHECK(size_until({"--offset", std::to_string(first - 1)}) == kSelect.size());
    CHECK(run_aof_check({"until", "--offset", "nosuch:1", dir / "log"}).exit == 2);
}

TEST_CASE("tools_aof/until: an LSN is the place that the server's INFO named, in any increment") {
    TempFolder dir;
    {
        auto redis = support::start_server(ServerKind::kRedis, dir.path(), {"--appendonly", "yes"});
        auto client = redis->connect();
        CHECK(client.cmd({"SET", "base", "1"}).ok());
        process::rewrite_log(client);
        CHECK(client.cmd({"SET", "foreign", "1"}).ok());
        redis->stop();
    }
    // Three lives: stopped, killed (its window stays until the next start), stopped.
    std::vector<uint64_t> lsn;
    for (int life = 0; life < 3; ++life) {
        auto server =
            support::start_server(ServerKind::kTidemark, dir.path(), {"--appendfsync", "always"});
        auto client = server->connect();
        for (int i = 0; i < 2; ++i) {
            CHECK(client.cmd({"SET", "k" + std::to_string(lsn.size()), "v"}).ok());
            const std::string info = client.cmd({"INFO", "persistence"}).text;
            lsn.push_back(std::stoull(info.substr(info.find("aof_durable_offset:") + 19)));
        }
        if (life == 1) {
            server->kill_hard();
        } else {
            server->stop();
        }
    }
    for (size_t i = 0; i < lsn.size(); ++i) {
        CAPTURE(i);
        const ToolRun run = run_aof_check(
            {"until", "--lsn", std::to_string(lsn[i]), "-o", dir / "out", dir.path()});
        CAPTURE(run.out);
        // What was last has nothing behind it that could be left out.
        CHECK(run.exit == (i + 1 < lsn.size() ? 0 : 2));
        if (run.exit != 0) continue;
        CHECK(run_aof_check({dir / "out"}).exit == 0);
        const TempFolder copy;
        fs::rename(dir / "out", copy / "appendonlydir");
        auto server = support::start_server(ServerKind::kTidemark, copy.path());
        auto client = server->connect();
        CHECK(client.cmd({"DBSIZE"}).integer == static_cast<int64_t>(2 + i + 1));
        CHECK(client.cmd({"EXISTS", "k" + std::to_string(i)}).integer == 1);
    }
    CHECK(run_aof_check({"until", "--lsn", "3", dir.path()}).exit == 2);  // in the base
}

TEST_CASE("tools_aof/rebuild-manifest: brings back a folder that a server wrote and lost it") {
    for (const ServerKind kind : {ServerKind::kTidemark, ServerKind::kRedis}) {
        TempFolder dir;
        for (int life = 0; life < 2; ++life) {
            auto server = support::start_server(kind, dir.path(), {"--appendonly", "yes"});
            CHECK(server->connect().cmd({"SET", "life" + std::to_string(life), "1"}).ok());
            server->stop();
        }
        const std::string manifest = dir / "appendonlydir/appendonly.aof.manifest";
        fs::remove(manifest);
        CHECK(run_aof_check({dir.path()}).exit == 1);
        const ToolRun run = run_aof_check({"rebuild-manifest", dir.path()});
        CAPTURE(run.out);
        CHECK(run.exit == 4);
        CHECK(run_aof_check({dir.path()}).exit == 0);
        CHECK(run_aof_check({"rebuild-manifest", dir.path()}).exit == 3);  // there is one now
        auto server = support::start_server(kind, dir.path(), {"--appendonly", "yes"});
        CHECK(server->connect().cmd({"DBSIZE"}).integer == 2);
    }
}

TEST_CASE("tools_aof/rebuild-manifest: what is not clear is asked back") {
    const TempFolder dir;
    const std::string folder = make_log(dir, {kSelect + set("a"), kSelect + set("b")});
    fs::remove(folder + "/appendonly.aof.manifest");
    write_text_file(folder + "/appendonly.aof.1.base.aof", kSelect);
    write_text_file(folder + "/appendonly.aof.2.base.aof", kSelect);
    CHECK(run_aof_check({"rebuild-manifest", folder}).exit == 2);
    const ToolRun run = run_aof_check(
        {"rebuild-manifest", "--base", "appendonly.aof.2.base.aof", "--from-seq", "2", folder});
    CHECK(run.exit == 4);
    CHECK(read_text_file(folder + "/appendonly.aof.manifest") ==
          "file appendonly.aof.2.base.aof seq 2 type b\n"
          "file appendonly.aof.2.incr.aof seq 2 type i\n");
}

TEST_CASE("tools_aof/stats: commands and keys are counted") {
    const TempFolder dir;
    const std::string folder =
        make_log(dir, {kSelect + set("a") + set("a") + set("b"), kSelect + record({"del", "b"})});
    const ToolRun run = run_aof_check({"stats", "--json", folder});
    CHECK(run.exit == 0);
    CHECK(run.says("\"command\":\"SET\",\"records\":3,"));
    CHECK(run.says("\"command\":\"DEL\",\"records\":1,"));
    CHECK(run.says("\"keys\":[{\"key\":\"a\",\"records\":2,"));
    CHECK(run.says("\"records\":6"));
}

TEST_CASE("tools_aof/stats: the keys counted are bounded, the heavy ones stay") {
    KeyTraffic traffic;
    for (int i = 0; i < 300'000; ++i) {
        traffic.add("rare" + std::to_string(i), 10);
        if (i % 100 == 0) traffic.add("heavy", 5000);
    }
    CHECK(traffic.size() <= KeyTraffic::kKeysMax);
    CHECK(traffic.top(1)[0].key == "heavy");
    CHECK(traffic.top(1)[0].bytes == 3000 * 5000);
    CHECK_FALSE(traffic.is_exact());
}

TEST_CASE("tools_aof/tail: shows the last records, and those of every database") {
    const TempFolder dir;
    const std::string folder = make_log(
        dir, {kSelect + set("old"), record({"SELECT", "3"}) + set("x") + set("y") + "*3\r\n"});
    const ToolRun run = run_aof_check({"tail", "-n", "1", "--for", "0.01", folder});
    CHECK(run.exit == 0);
    CHECK(run.says("appendonly.aof.2.incr.aof:50 [3] \"SET\" \"y\" \"v\""));
    CHECK_FALSE(run.says("\"x\""));
    const ToolRun all = run_aof_check({"tail", "--from-start", "--json", "--for", "0.01", folder});
    CHECK(all.says("\"file\":\"appendonly.aof.1.incr.aof\",\"offset\":23,\"db\":0,"));
    CHECK(all.says("\"db\":3,\"args\":[\"SET\",\"x\",\"v\"]"));
}

TEST_CASE("tools_aof/help: what DUMP answers is no log, and not offered as one") {
    const std::string help = run_aof_check({"check", "--help"}).out;
    CHECK(help.find("--tmp-dir") != std::string::npos);
    CHECK(help.find("--dump") == std::string::npos);
    CHECK(run_aof_check({"check", "--dump", "nosuch"}).exit == 2);
}

TEST_CASE("tools_aof/output: nothing is written over, and in place the old log is kept") {
    const TempFolder dir;
    const std::string log = kSelect + set("a");
    const std::string folder = make_log(dir, {log + "garbage"});
    CHECK(run_aof_check({"fix", folder}).exit == 5);
    CHECK(increment(folder + ".fixed", 1) == log);
    CHECK(increment(folder, 1) == log + "garbage");
    CHECK(run_aof_check({"fix", folder}).exit == 3);  // .fixed is there
    CHECK(run_aof_check({"fix", "--in-place", folder}).exit == 5);
    CHECK(increment(folder, 1) == log);
    CHECK(increment(folder + ".bak", 1) == log + "garbage");
    size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(dir.path())) ++entries;
    CHECK(entries == 3);  // nothing half-written is left
}

TEST_CASE("tools_aof/output: the log of a running server is not replaced") {
    TempFolder dir;
    auto server = support::start_server(ServerKind::kTidemark, dir.path());
    CHECK(server->connect().cmd({"SET", "a", "1"}).ok());
    server->kill_hard();
    const std::string path = dir / "appendonlydir/appendonly.aof.1.incr.aof";
    write_text_file(path, read_text_file(path) + "garbage");
    const int fd = open((dir / "tidemark.lock").c_str(), O_RDWR);
    REQUIRE(flock(fd, LOCK_EX | LOCK_NB) == 0);
    const ToolRun run = run_aof_check({"fix", "--in-place", dir.path()});
    CHECK(run.exit == 3);
    CHECK(run.says("a server is running"));
    close(fd);
}

TEST_CASE("tools_aof/compat: called redis-check-aof it says the words that scripts know") {
    TempFolder dir;
    const std::string good = kSelect + set("a");
    write_text_file(dir / "good.aof", good);
    const ToolRun valid = as_redis_check_aof({dir / "good.aof"}, "n");
    CHECK(valid.exit == 0);
    CHECK(valid.says("AOF " + (dir / "good.aof") + " is valid\n"));
    write_text_file(dir / "bad.aof", good + "*3\r\n");
    const ToolRun bad = as_redis_check_aof({dir / "bad.aof"}, "n");
    CHECK(bad.exit == 1);
    CHECK(bad.says("is not valid. Use the --fix option to try fixing it."));
    CHECK(bad.says("size=54, ok_up_to=50, ok_up_to_line=13, diff=4"));
    CHECK(as_redis_check_aof({"--fix", dir / "bad.aof"}, "n").says("Aborting..."));
    CHECK(read_text_file(dir / "bad.aof").size() == good.size() + 4);
    const ToolRun fixed = as_redis_check_aof({"--fix", dir / "bad.aof"}, "y");
    CHECK(fixed.exit == 0);
    CHECK(fixed.says("Successfully truncated AOF " + (dir / "bad.aof")));
    CHECK(read_text_file(dir / "bad.aof") == good);
    CHECK(as_redis_check_aof({}, "n").says("Usage: redis-check-aof"));
    CHECK(as_redis_check_aof({dir / "nosuch"}, "n").exit == 1);
}

TEST_CASE(
    "tools_aof/compat: the original's traps: unknown command, SELECT 99, a cut inside MULTI") {
    TempFolder dir;
    write_text_file(dir / "a.aof", kSelect + record({"NOSUCH", "x"}));
    CHECK(as_redis_check_aof({dir / "a.aof"}, "n").exit == 1);
    write_text_file(dir / "a.aof", record({"SELECT", "99"}) + set("a"));
    CHECK(as_redis_check_aof({dir / "a.aof"}, "n").exit == 1);
    const std::string folder =
        make_log(dir, {time_line(100) + kSelect + set("a") + record({"MULTI"}) + time_line(105) +
                       set("b") + record({"EXEC"})});
    const std::string manifest = folder + "/appendonly.aof.manifest";
    const ToolRun cut = as_redis_check_aof({"--truncate-to-timestamp", "102", manifest}, "n");
    CHECK(cut.exit == 0);
    CHECK(cut.says("Successfully truncated AOF"));
    CHECK(as_redis_check_aof({manifest}, "n").says("All AOF files and manifest are valid"));
    CHECK(increment(folder, 1) == time_line(100) + kSelect + set("a"));
    write_text_file(manifest, "");
    CHECK(as_redis_check_aof({manifest}, "n").exit == 1);  // there: 0
}

TEST_CASE("tools_aof/link: the program holds codecs, and no keyspace, server, log or network") {
    std::string symbols;
    const auto status = support::run_program({"nm", "-C", TIDEMARK_AOF_CHECK},
                                             support::Milliseconds(60'000), &symbols);
    REQUIRE(status.code == 0);
    CHECK(symbols.find("tidemark::aof::LogWalk") != std::string::npos);
    for (const char* stranger :
         {"tidemark::engine::Keyspace", "tidemark::server::", "tidemark::net::", "tidemark::cmd::",
          "tidemark::aof::Log::", "io_uring_"}) {
        CHECK_MESSAGE(symbols.find(stranger) == std::string::npos, stranger);
    }
}

}  // namespace tidemark::aof_check
