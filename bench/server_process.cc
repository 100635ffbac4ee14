#include "bench/server_process.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <csignal>
#include <ctime>
#include <fstream>
#include <utility>

#include "base/number.h"
#include "bench/load_connection.h"
#include "bench/machine.h"

namespace tidemark::bench {

namespace {

// Between two questions whether a server is up: short against the seconds that a restart takes.
constexpr int kReadyPollMs = 2;
constexpr timeval kControlTimeout{10, 0};

const char* append_only(Persistence persistence) {
    return persistence == Persistence::kNone ? "no" : "yes";
}

const char* append_fsync(Persistence persistence) {
    switch (persistence) {
        case Persistence::kAlways:
            return "always";
        case Persistence::kNo:
            return "no";
        case Persistence::kNone:
        case Persistence::kEverysec:
            break;
    }
    return "everysec";
}

// The first number behind a label at a line's beginning.
std::optional<uint64_t> labelled_number(const std::string& path, std::string_view label) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        if (line.compare(0, label.size(), label) != 0) continue;
        const size_t first = line.find_first_of("0123456789");
        const size_t last = line.find_first_not_of("0123456789", first);
        if (first != std::string::npos) return parse_uint64(line.substr(first, last - first));
    }
    return std::nullopt;
}

}  // namespace

void ServerProcess::ContextCloser::operator()(redisContext* context) const {
    redisFree(context);
}

Result<std::unique_ptr<ServerProcess>> ServerProcess::start(const ServerSetup& setup) {
    std::unique_ptr<ServerProcess> server(new ServerProcess(setup));
    TM_CHECK(server->choose_endpoint());
    TM_CHECK(server->spawn());
    return server;
}

std::unique_ptr<ServerProcess> ServerProcess::attach(std::string name, Endpoint endpoint) {
    ServerSetup setup;
    setup.name = std::move(name);
    std::unique_ptr<ServerProcess> server(new ServerProcess(std::move(setup)));
    server->endpoint_ = std::move(endpoint);
    server->started_ns_ = now_ns();
    return server;
}

ServerProcess::~ServerProcess() = default;

Status ServerProcess::choose_endpoint() {
    endpoint_.congestion = setup_.congestion;
    log_path_ = setup_.folder + "/server-output.txt";
    if (setup_.transport == Transport::kUnix) {
        endpoint_.unix_path = setup_.folder + "/s";
        return {};
    }
    endpoint_.port = setup_.port != 0 ? setup_.port : TM_TRY(free_port());
    return {};
}

std::vector<std::string> ServerProcess::command_line() const {
    std::vector<std::string> words = {
        setup_.binary,
        "--port",
        fmt::to_string(endpoint_.port),
        "--bind",
        "127.0.0.1",
        "--dir",
        setup_.folder,
        "--save",
        "",
        "--appendonly",
        append_only(setup_.persistence),
        "--appendfsync",
        append_fsync(setup_.persistence),
        "--maxclients",
        fmt::to_string(setup_.clients_max),
    };
    if (!endpoint_.unix_path.empty()) {
        words.insert(words.end(), {"--unixsocket", endpoint_.unix_path});
    }
    words.insert(words.end(), setup_.arguments.begin(), setup_.arguments.end());
    return words;
}

Status ServerProcess::spawn() {
    started_ns_ = now_ns();
    child_ = TM_TRY(ChildProcess::start({command_line(), log_path_, setup_.core}));
    return {};
}

bool ServerProcess::try_ping() {
    if (!control_) {
        const bool local = !endpoint_.unix_path.empty();
        control_.reset(
            local
                ? redisConnectUnixWithTimeout(endpoint_.unix_path.c_str(), kControlTimeout)
                : redisConnectWithTimeout(endpoint_.host.c_str(), endpoint_.port, kControlTimeout));
        if (!control_ || control_->err != 0) {
            if (control_) connect_error_ = control_->errstr;
            control_.reset();
            return false;
        }
        redisSetTimeout(control_.get(), kControlTimeout);
    }
    const auto reply = ask({"PING"});
    if (!reply && control_->err != 0) control_.reset();
    return reply && *reply == "PONG";
}

std::string ServerProcess::ending(int patience_ms) {
    return attached() || !child_.wait_ms(patience_ms) ? std::string() : child_.ending();
}

void ServerProcess::kill_hard() const {
    child_.send_signal(SIGKILL);
}

Result<double> ServerProcess::wait_ready(StopSignal& stop, double seconds_max) {
    const auto elapsed = [this] { return static_cast<double>(now_ns() - started_ns_) / 1e9; };
    while (!try_ping()) {
        if (const std::string end = ending(); !end.empty()) {
            return fail(ErrorCode::kIo,
                        fmt::format("{} ({}) did not start ({}), it said: {}", setup_.name,
                                    setup_.binary, end, last_lines_of(log_path_)));
        }
        if (elapsed() > seconds_max) {
            const std::string why = control_ ? std::string() : " (" + connect_error_ + ")";
            return fail(ErrorCode::kIo, fmt::format("{} did not answer PING within {:.0f} s{}",
                                                    setup_.name, seconds_max, why));
        }
        if (stop.sleep_ms(kReadyPollMs)) return fail(ErrorCode::kIo, "interrupted");
    }
    return elapsed();
}

double ServerProcess::cpu_us() const {
    clockid_t clock{};
    timespec used{};
    if (child_.pid() <= 0 || clock_getcpuclockid(child_.pid(), &clock) != 0) return 0;
    if (clock_gettime(clock, &used) != 0) return 0;
    return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

Result<uint64_t> ServerProcess::rss_bytes() const {
    const auto kib = labelled_number(fmt::format("/proc/{}/smaps_rollup", child_.pid()), "Rss:");
    if (kib) return *kib * 1024;
    return fail(ErrorCode::kNotFound, "cannot read the memory of " + setup_.name);
}

std::optional<uint64_t> ServerProcess::written_bytes() const {
    return labelled_number(fmt::format("/proc/{}/io", child_.pid()), "write_bytes:");
}

Result<std::string> ServerProcess::ask(const std::vector<std::string>& words) {
    if (!control_) return fail(ErrorCode::kIo, setup_.name + ": not connected");
    std::vector<const char*> argv;
    std::vector<size_t> lengths;
    for (const std::string& word : words) {
        argv.push_back(word.data());
        lengths.push_back(word.size());
    }
    auto* reply = static_cast<redisReply*>(redisCommandArgv(
        control_.get(), static_cast<int>(argv.size()), argv.data(), lengths.data()));
    if (reply == nullptr) return fail(ErrorCode::kIo, setup_.name + ": " + control_->errstr);
    // Of an array the last element: CONFIG GET's value.
    const redisReply* shown = reply->type == REDIS_REPLY_ARRAY && reply->elements > 0
                                  ? reply->element[reply->elements - 1]
                                  : reply;
    std::string text = shown->type == REDIS_REPLY_INTEGER ? fmt::to_string(shown->integer)
                       : shown->str != nullptr            ? std::string(shown->str, shown->len)
                                                          : std::string();
    const bool is_error = reply->type == REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    if (is_error) return fail(ErrorCode::kInvalid, setup_.name + ": " + text);
    return text;
}

std::optional<std::string> ServerProcess::info(const std::string& field) {
    const auto text = ask({"INFO"});
    return text ? info_field(*text, field) : std::nullopt;
}

std::optional<std::string> info_field(const std::string& info, const std::string& field) {
    const std::string label = "\n" + field + ":";
    const size_t at = info.find(label);
    if (at == std::string::npos) return std::nullopt;
    const size_t from = at + label.size();
    return info.substr(from, info.find('\r', from) - from);
}

}  // namespace tidemark::bench
