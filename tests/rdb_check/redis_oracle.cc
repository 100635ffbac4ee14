#include "tests/rdb_check/redis_oracle.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <thread>
#include <vector>

namespace tidemark::tools {

namespace {

constexpr support::Milliseconds kPatience(30'000);
constexpr int kDbs = 16;
// Of a DUMP payload's end: version and checksum.
constexpr size_t kPayloadTail = 2 + 8;

}  // namespace

void RedisOracle::start() {
    signal(SIGPIPE, SIG_IGN);
    unlink(dump_path().c_str());
    endpoint_.unix_path = folder_ / "socket";
    client_.reset();
    process_ =
        std::make_unique<support::Process>(std::vector<std::string>{"redis-server",
                                                                    "--dir",
                                                                    folder_.path(),
                                                                    "--port",
                                                                    "0",
                                                                    "--unixsocket",
                                                                    endpoint_.unix_path,
                                                                    "--save",
                                                                    "",
                                                                    "--appendonly",
                                                                    "no",
                                                                    "--enable-debug-command",
                                                                    "local",
                                                                    "--sanitize-dump-payload",
                                                                    "yes",
                                                                    "--crash-log-enabled",
                                                                    "no",
                                                                    "--crash-memcheck-enabled",
                                                                    "no",
                                                                    "--databases",
                                                                    std::to_string(kDbs)},
                                           folder_ / fmt::format("log.{}", ++starts_));
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline && is_up()) {
        client_ = std::make_unique<support::Client>(endpoint_);
        if (client_->connected() && client_->cmd({"PING"}).text == "PONG") return;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    FAIL("redis-server did not start: " << process_->output());
}

support::Reply RedisOracle::cmd(const support::CommandArgs& args) {
    if (!is_up()) start();
    return client_->cmd(args);
}

Answer RedisOracle::load(std::string_view dump) {
    if (!is_up()) start();
    support::write_text_file(dump_path(), dump);
    const support::Reply reply = client_->cmd({"DEBUG", "RELOAD", "NOSAVE"});
    if (reply.ok()) {
        Answer answer{Outcome::kLoads, 0, {}};
        for (int db = 0; db < kDbs; ++db) {
            client_->append({"SELECT", std::to_string(db)});
            client_->append({"DBSIZE"});
        }
        REQUIRE(client_->flush());
        for (int db = 0; db < kDbs; ++db) {
            client_->read_reply();
            answer.keys += static_cast<uint64_t>(client_->read_reply().integer);
        }
        return answer;
    }
    if (!reply.lost()) {
        // It may have kept what it had read so far.
        process_.reset();
        return {Outcome::kRefuses, 0, reply.text};
    }
    const auto status = process_->wait_for(kPatience);
    Answer answer{Outcome::kRefuses, 0, process_->output()};
    if (status && status->signal != 0) answer.outcome = Outcome::kDies;
    process_.reset();
    return answer;
}

KeyMap RedisOracle::keys() {
    KeyMap map;
    for (int db = 0; db < kDbs; ++db) {
        cmd({"SELECT", std::to_string(db)});
        const std::vector<support::Reply> names = cmd({"KEYS", "*"}).elements;
        for (const support::Reply& name : names) {
            client_->append({"DUMP", name.text});
            client_->append({"PEXPIRETIME", name.text});
        }
        REQUIRE(client_->flush());
        for (const support::Reply& name : names) {
            std::string value = client_->read_reply().text;
            value.resize(value.size() < kPayloadTail ? 0 : value.size() - kPayloadTail);
            const int64_t expires = client_->read_reply().integer;
            if (value.empty()) continue;  // expired meanwhile
            map[fmt::format("{}/{}", db, name.text)] = fmt::format("{} {}", expires, value);
        }
    }
    return map;
}

std::string RedisOracle::functions() {
    return cmd({"FUNCTION", "DUMP"}).text;
}

std::string RedisOracle::save() {
    REQUIRE(cmd({"SAVE"}).ok());
    return support::read_text_file(dump_path());
}

}  // namespace tidemark::tools
