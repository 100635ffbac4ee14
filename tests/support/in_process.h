// Commands without sockets: a keyspace, the command table and the dispatcher, with a clock that
// stands still and a log that is remembered.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cmd/command_table.h"
#include "cmd/dispatch.h"
#include "cmd/server_control.h"
#include "cmd/session.h"
#include "engine/keyspace.h"
#include "resp/reply.h"

namespace tidemark::test {

// What a log would have got, a record a line: "SET a 1", with "3: " in front in database 3.
class RememberingSink final : public engine::CommitSink {
public:
    uint64_t append(const engine::CommitRecord& record) override;
    void begin_transaction() override { in_transaction_ = true; }
    void end_transaction() override;

    // The records since the last call.
    std::vector<std::string> take();
    struct Record {
        int db;
        std::vector<std::string> args;
    };
    std::vector<Record> take_records() { return std::exchange(records_, {}); }

private:
    std::vector<Record> records_;
    bool in_transaction_ = false;
    bool wrote_multi_ = false;
};

class InProcess : private cmd::ServerControl, private cmd::DispatchObserver {
public:
    using Words = std::vector<std::string>;

    InProcess();
    ~InProcess() override;

    // The reply's bytes as they would be sent to the first client.
    std::string run(const Words& words) { return run_as(first_, words); }
    std::string run_as(cmd::Session& session, const Words& words);
    // The log offset that the newest reply depends on; 0: none.
    uint64_t last_dependency() const { return last_dependency_; }
    // One more client.
    cmd::Session& connect(resp::Protocol protocol = resp::Protocol::kResp2);

    // Time passes for the server.
    void advance_ms(int64_t ms);
    int64_t now_ms() { return clock_.unix_us() / 1000; }
    std::vector<std::string> logged() { return sink_.take(); }
    std::vector<RememberingSink::Record> logged_records() { return sink_.take_records(); }
    // Active expiry, to the end: what has expired is deleted and logged.
    void expire_everything_due();
    // As a start would: nothing expires, nothing is asked. MULTI and EXEC are passed over.
    bool replay(const RememberingSink::Record& record);
    // Every key with its value, encoding and expiry, in order.
    std::vector<std::string> dump();
    cmd::Session& session() { return first_; }
    engine::Keyspace& database_set() { return keyspace_; }

    // What the stand-in for the server answers.
    bool has_log = true;
    std::string password;
    int64_t bulk_limit = 512LL * 1024 * 1024;

private:
    engine::Keyspace& keyspace() override { return keyspace_; }
    const cmd::CommandTable& commands() const override { return table_; }
    Clock& clock() override { return clock_; }
    int64_t now_us() const override { return now_us_; }
    int64_t monotonic_us() const override { return now_us_; }
    void for_each_client(const std::function<void(const cmd::ClientView&)>& visit) override;
    cmd::ClientView view_of(const cmd::Session& session) override;
    bool kill_client(uint64_t id, const cmd::Session& caller) override;
    std::string_view required_password() const override { return password; }
    void exec(cmd::Session& session, resp::Reply& reply) override;
    void config_get(std::span<const std::string_view>, resp::Reply& reply) override;
    void config_set(std::span<const std::string_view>, resp::Reply& reply) override;
    void config_rewrite(resp::Reply& reply) override { reply.ok(); }
    void reset_stats() override {}
    std::string info(std::span<const std::string_view>) override { return "# Nothing\r\n"; }
    bool debug_allowed(const cmd::Session&) const override { return true; }
    int64_t max_bulk_bytes() const override { return bulk_limit; }
    std::optional<std::string> shutdown(const cmd::ShutdownRequest&) override;
    std::optional<std::string> reload_log() override { return std::nullopt; }
    void sleep_us(int64_t us) override { clock_.advance_us(us); }
    void wait_replicas(cmd::Session&, int64_t, int64_t, resp::Reply& reply) override;
    void wait_aof(cmd::Session&, int64_t local, int64_t, int64_t, resp::Reply& reply) override;
    bool log_enabled() const override { return has_log; }
    bool in_transaction(const cmd::Session& session) const override { return session.multi.open; }

    void on_call(const cmd::CommandSpec&, uint32_t) override {}
    void on_rejected(const cmd::CommandSpec&) override {}
    void on_error(std::string_view) override {}

    ManualClock clock_;
    int64_t now_us_;
    engine::Keyspace keyspace_;
    RememberingSink sink_;
    cmd::CommandTable table_;
    cmd::Dispatcher dispatcher_;
    std::vector<std::unique_ptr<cmd::Session>> sessions_;
    cmd::Session& first_;
    uint64_t last_dependency_ = 0;
};

}  // namespace tidemark::test
