// tail on the logs of real servers, and the end of every mode by a signal.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/process/rewrite.h"
#include "tests/support/server_process.h"
#include "tests/tools_aof/run.h"

namespace tidemark::aof_check {
namespace {

namespace fs = std::filesystem;
using support::ServerKind;

const std::string kSelectZero = record({"SELECT", "0"});

// A tail in a process of its own.
class Follower {
public:
    explicit Follower(const std::string& log)
        : process_({TIDEMARK_AOF_CHECK, "tail", "--for", "60", log}, folder_ / "out") {}

    bool shows(const std::string& what) {
        for (int i = 0; i < 200; ++i) {
            if (process_.output().find(what) != std::string::npos) return true;
            usleep(50'000);
        }
        return false;
    }
    size_t count(const std::string& what) const {
        const std::string text = process_.output();
        size_t count = 0;
        for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
            ++count;
        return count;
    }
    // Its exit code, after SIGINT.
    int interrupt() {
        process_.send_signal(SIGINT);
        const auto status = process_.wait_for(support::Milliseconds(20'000));
        return status ? status->code : -1;
    }

private:
    TempFolder folder_;
    support::Process process_;
};

// Whose SIGINT comes at the nth time that somebody looks.
class RaisedLater final : public tools::StopFlag {
public:
    explicit RaisedLater(int looks) : looks_left_(looks) {}
    bool raised() const override { return looks_left_-- <= 0; }

private:
    mutable int looks_left_;
};

int run_until(const tools::StopFlag& stop, std::vector<std::string> args) {
    tools::TextFile out;
    tools::TextFile err;
    args.emplace_back("--force");
    return run_tool(tool(), args, {out.file(), err.file(), stop});
}

}  // namespace

TEST_CASE("tools_aof/tail: follows a server that is writing, until SIGINT, and says how far") {
    TempFolder dir;
    auto server = support::start_server(ServerKind::kTidemark, dir.path());
    auto client = server->connect();
    CHECK(client.cmd({"SET", "first", "1"}).ok());
    Follower tail(dir.path());
    CHECK(tail.shows("\"first\""));
    CHECK(client.cmd({"SET", "second", "2"}).ok());
    CHECK(tail.shows("\"second\""));
    CHECK(tail.interrupt() == 0);
    CHECK(tail.shows("3 records shown, up to byte "));  // with a SELECT
    CHECK(client.cmd({"SET", "third", "3"}).ok());
}

TEST_CASE("tools_aof/tail: goes on behind a kill and a new start of the server") {
    TempFolder dir;
    auto server = support::start_server(ServerKind::kTidemark, dir.path());
    CHECK(server->connect().cmd({"SET", "first", "1"}).ok());
    Follower tail(dir.path());
    CHECK(tail.shows("\"first\""));
    server->kill_hard();
    server = support::start_server(ServerKind::kTidemark, dir.path());
    CHECK(server->connect().cmd({"SET", "second", "2"}).ok());
    CHECK(tail.shows("\"second\""));
    CHECK(tail.count("\"first\"") == 1);
    CHECK(tail.interrupt() == 0);
}

TEST_CASE("tools_aof/tail: goes on in the increment that a rewrite opened, and misses nothing") {
    TempFolder dir;
    auto server = support::start_server(ServerKind::kRedis, dir.path(),
                                        {"--appendonly", "yes", "--appendfsync", "always"});
    auto client = server->connect();
    CHECK(client.cmd({"SET", "first", "1"}).ok());
    Follower tail(dir.path());
    CHECK(tail.shows("\"first\""));
    for (int i = 0; i < 5; ++i) {
        // Written right before the file goes.
        const std::string before = "before" + std::to_string(i);
        const std::string after = "after" + std::to_string(i);
        CHECK(client.cmd({"SET", before, "1"}).ok());
        process::rewrite_log(client);
        CHECK(client.cmd({"SET", after, "1"}).ok());
        CHECK(tail.shows("\"" + after + "\""));
        CHECK(tail.count("\"" + before + "\"") == 1);
    }
    CHECK(tail.interrupt() == 0);
}

TEST_CASE("tools_aof/tail: a record that is not whole yet is waited for, and shown once") {
    const TempFolder dir;
    const std::string folder = make_log(dir, {kSelectZero + record({"SET", "a", "1"})});
    Follower tail(folder);
    CHECK(tail.shows("\"a\""));
    const std::string next = record({"SET", "torn", "value"});
    const std::string path = folder + "/appendonly.aof.1.incr.aof";
    const std::string before = read_text_file(path);
    write_text_file(path, before + next.substr(0, next.size() - 4));
    usleep(300'000);
    CHECK(tail.count("\"torn\"") == 0);
    write_text_file(path, before + next + record({"SET", "b", "2"}));
    CHECK(tail.shows("\"b\""));
    CHECK(tail.count("\"torn\"") == 1);
    CHECK(tail.interrupt() == 0);
}

TEST_CASE("tools_aof/interrupted: whenever a signal comes, the result is whole or not there") {
    const TempFolder dir;
    const std::string good = kSelectZero + record({"SET", "a", "1"}) + record({"FLUSHALL"});
    const std::string folder = make_log(dir, {good, good, good + "garbage" + good + good});
    const std::vector<std::vector<std::string>> modes = {
        {"check"},
        {"fix", "-o", dir / "out"},
        {"salvage", "-o", dir / "out"},
        {"until", "--before-command", "FLUSHALL", "-o", dir / "out"},
        {"stats"},
    };
    for (const auto& mode : modes) {
        CAPTURE(mode[0]);
        if (mode[0] == "until") write_text_file(folder + "/appendonly.aof.3.incr.aof", good);
        const auto before = support::files_below(dir.path());
        int interrupted = 0;
        for (int looks = 0;; ++looks) {
            CAPTURE(looks);
            REQUIRE(looks < 1000);
            auto args = mode;
            args.push_back(folder);
            const int exit = run_until(RaisedLater(looks), args);
            if (exit != 8) {
                const bool writes = mode.size() > 1;
                CHECK(fs::exists(dir / "out") == writes);
                if (writes) CHECK(run_aof_check({dir / "out"}).exit == 0);
                break;
            }
            ++interrupted;
            CHECK(support::files_below(dir.path()) == before);
            CHECK_FALSE(fs::exists(dir / "out"));
        }
        CHECK(interrupted >= 3);
        fs::remove_all(dir / "out");
    }
}

TEST_CASE("tools_aof/interrupted: SIGINT ends a program that waits for its input") {
    for (const char* mode : {"fix", "salvage", "until"}) {
        CAPTURE(mode);
        const TempFolder dir;
        const std::string pipe = dir / "pipe";
        REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
        std::vector<std::string> args = {TIDEMARK_AOF_CHECK, mode, "-o", dir / "out", pipe};
        if (args[1] == "until") args.insert(args.end(), {"--before-command", "FLUSHALL"});
        support::Process program(args, dir / "said");
        const int writer = open(pipe.c_str(), O_WRONLY);  // waits for its reader
        REQUIRE(write(writer, kSelectZero.data(), kSelectZero.size()) > 0);
        usleep(200'000);
        program.send_signal(SIGINT);
        const auto status = program.wait_for(support::Milliseconds(20'000));
        REQUIRE(status.has_value());
        CHECK(status->code == 8);
        close(writer);
        CHECK(support::files_below(dir.path()) == std::vector<std::string>{"said"});
    }
}

TEST_CASE("tools_aof/tail: whose output cannot be written, it ends with exit code 3") {
    TempFolder dir;
    const std::string log = make_log(dir, {record({"SET", "k", "v"})});
    tools::TextFile err;
    FILE* const full = fopen("/dev/full", "w");
    const tools::NoStop stop;
    CHECK(run_tool(tool(), {"tail", "--from-start", log}, {full, err.file(), stop}) == 3);
    fclose(full);
    CHECK(err.text() == "aof-check: cannot write to standard output: No space left on device\n");
}

}  // namespace tidemark::aof_check
