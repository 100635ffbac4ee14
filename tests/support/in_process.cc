#include "tests/support/in_process.h"

#include <utility>

namespace tidemark::test {

namespace {

constexpr uint64_t kHashSeed = 20'000;

engine::Keyspace::Options options() {
    engine::Keyspace::Options chosen;
    chosen.seed = kHashSeed;
    return chosen;
}

}  // namespace

uint64_t RememberingSink::append(const engine::CommitRecord& record) {
    if (in_transaction_ && !std::exchange(wrote_multi_, true)) records_.push_back("MULTI");
    std::string line = record.db == 0 ? "" : std::to_string(record.db) + ":";
    for (const std::string_view arg : record.args) {
        if (!line.empty()) line += ' ';
        line += arg;
    }
    records_.push_back(line);
    return ++offset_;
}

void RememberingSink::end_transaction() {
    if (std::exchange(wrote_multi_, false)) records_.push_back("EXEC");
    in_transaction_ = false;
}

std::vector<std::string> RememberingSink::take() {
    return std::exchange(records_, {});
}

InProcess::InProcess()
    : now_us_(clock_.unix_us()),
      keyspace_(options()),
      table_(cmd::make_command_table()),
      dispatcher_(keyspace_, table_, *this, *this),
      first_(connect()) {
    keyspace_.set_sink(sink_);
    keyspace_.set_now(now_ms());
}

InProcess::~InProcess() {
    for (const auto& session : sessions_) keyspace_.watches().unwatch(session->watcher);
}

cmd::Session& InProcess::connect(resp::Protocol protocol) {
    sessions_.push_back(std::make_unique<cmd::Session>());
    cmd::Session& session = *sessions_.back();
    session.id = sessions_.size();
    session.protocol = protocol;
    session.authenticated = true;
    return session;
}

std::string InProcess::run_as(cmd::Session& session, const Words& words) {
    const std::vector<std::string_view> args(words.begin(), words.end());
    Buffer out;
    resp::Reply reply(out, session.protocol);
    dispatcher_.run(session, args, {}, dispatcher_.prepare_one(session, args), reply);
    return std::string(out.view());
}

void InProcess::advance_ms(int64_t ms) {
    clock_.advance_us(ms * 1000);
    now_us_ = clock_.unix_us();
    keyspace_.set_now(now_ms());
}

void InProcess::for_each_client(const std::function<void(const cmd::ClientView&)>& visit) {
    for (const auto& session : sessions_) visit(view_of(*session));
}

cmd::ClientView InProcess::view_of(const cmd::Session& session) {
    return {&session, 0, 0, 0, 0, "r"};
}

bool InProcess::kill_client(uint64_t id, const cmd::Session&) {
    return id >= 1 && id <= sessions_.size();
}

void InProcess::exec(cmd::Session& session, resp::Reply& reply) {
    dispatcher_.run_queue(session, reply);
}

void InProcess::config_get(std::span<const std::string_view>, resp::Reply& reply) {
    reply.map(0);
}

void InProcess::config_set(std::span<const std::string_view>, resp::Reply& reply) {
    reply.ok();
}

std::optional<std::string> InProcess::shutdown(const cmd::ShutdownRequest&) {
    return "ERR not in this process";
}

void InProcess::wait_replicas(cmd::Session&, int64_t, int64_t, resp::Reply& reply) {
    reply.integer(0);
}

void InProcess::wait_aof(cmd::Session&, int64_t local, int64_t, int64_t, resp::Reply& reply) {
    reply.array(2);
    reply.integer(local);
    reply.integer(0);
}

}  // namespace tidemark::test
