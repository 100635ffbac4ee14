#include "tests/support/in_process.h"

#include <fmt/format.h>

#include <algorithm>
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
    if (in_transaction_ && !std::exchange(wrote_multi_, true)) records_.push_back({0, {"MULTI"}});
    records_.push_back({record.db, {record.args.begin(), record.args.end()}});
    set_appended(appended_offset() + 1);
    set_released(appended_offset());
    return appended_offset();
}

void RememberingSink::end_transaction() {
    if (std::exchange(wrote_multi_, false)) records_.push_back({0, {"EXEC"}});
    in_transaction_ = false;
}

std::vector<std::string> RememberingSink::take() {
    std::vector<std::string> lines;
    for (const Record& record : take_records()) {
        std::string& line = lines.emplace_back();
        if (record.db != 0) line = fmt::format("{}:", record.db);
        for (const std::string& arg : record.args) {
            if (!line.empty()) line += ' ';
            line += arg;
        }
    }
    return lines;
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
    last_dependency_ =
        dispatcher_.run(session, args, {}, dispatcher_.prepare_one(session, args), reply);
    return std::string(out.view());
}

void InProcess::advance_ms(int64_t ms) {
    clock_.advance_us(ms * 1000);
    now_us_ = clock_.unix_us();
    keyspace_.set_now(now_ms());
}

void InProcess::expire_everything_due() {
    for (int db = 0; db < keyspace_.databases(); ++db) {
        const engine::ReadTxn txn(keyspace_, db);
        uint64_t cursor = 0;
        do {
            cursor = txn.scan(cursor, 1'000, [](std::string_view, const engine::Entry&) {});
        } while (cursor != 0);
    }
    keyspace_.expire_noted();
}

bool InProcess::replay(const RememberingSink::Record& record) {
    if (record.args[0] == "MULTI" || record.args[0] == "EXEC") return true;
    keyspace_.set_replaying(true);
    first_.db = record.db;
    const std::vector<std::string_view> args(record.args.begin(), record.args.end());
    Buffer out;
    resp::Reply scratch(out, resp::Protocol::kResp2);
    return dispatcher_.replay(first_, args, dispatcher_.prepare_one(first_, args), scratch) &&
           scratch.error_count() == 0;
}

std::vector<std::string> InProcess::dump() {
    std::vector<std::string> lines;
    for (int db = 0; db < keyspace_.databases(); ++db) {
        const engine::ReadTxn txn(keyspace_, db);
        txn.for_each_key([&](std::string_view name, const engine::Entry& entry) {
            lines.push_back(fmt::format(
                "{} {} = {} ({}, {})", db, name, engine::StringText(entry).text(),
                engine::encoding_name(entry), entry.has_expiry() ? entry.expire_at_ms() : -1));
            return true;
        });
    }
    std::sort(lines.begin(), lines.end());
    return lines;
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
