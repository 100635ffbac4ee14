#include "bench/server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <iterator>

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
    return persistence == Persistence::kAlways ? "always" : "everysec";
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

ServerProcess::~ServerProcess() {
    control_.reset();
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

Status ServerProcess::choose_endpoint() {
    endpoint_.congestion = setup_.congestion;
    log_path_ = setup_.folder + "/server-output.txt";
    if (setup_.transport == Transport::kUnix) {
        endpoint_.unix_path = setup_.folder + "/s";
        return {};
    }
    endpoint_.port = TM_TRY(free_port());
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
    // Everything that allocates is done before the fork.
    const std::vector<std::string> words = command_line();
    const int log_fd = open(log_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) return fail(system_error(errno, "cannot create " + log_path_));
    started_ns_ = now_ns();
    pid_ = fork();
    const int fork_errno = errno;
    if (pid_ == 0) run_child(words, log_fd);
    close(log_fd);
    if (pid_ < 0) return fail(system_error(fork_errno, "cannot fork"));
    return {};
}

void ServerProcess::run_child(const std::vector<std::string>& words, int log_fd) const {
    // In a group of its own, so that a Ctrl-C reaches us and not it.
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (setup_.core) (void)pin_to_core(*setup_.core);
    dup2(log_fd, STDOUT_FILENO);
    dup2(log_fd, STDERR_FILENO);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
}

bool ServerProcess::try_ping() {
    if (!control_) {
        const bool local = !endpoint_.unix_path.empty();
        control_.reset(
            local
                ? redisConnectUnixWithTimeout(endpoint_.unix_path.c_str(), kControlTimeout)
                : redisConnectWithTimeout(endpoint_.host.c_str(), endpoint_.port, kControlTimeout));
        if (!control_ || control_->err != 0) {
            control_.reset();
            return false;
        }
        redisSetTimeout(control_.get(), kControlTimeout);
    }
    const auto reply = ask({"PING"});
    if (!reply && control_->err != 0) control_.reset();
    return reply && *reply == "PONG";
}

bool ServerProcess::exited() {
    if (pid_ <= 0) return true;
    if (waitpid(pid_, nullptr, WNOHANG) == 0) return false;
    pid_ = -1;
    return true;
}

std::string ServerProcess::log_tail() const {
    std::ifstream in(log_path_);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    constexpr size_t kShown = 600;
    return text.size() > kShown ? text.substr(text.size() - kShown) : text;
}

Result<double> ServerProcess::wait_ready(StopSignal& stop, double seconds_max) {
    const auto elapsed = [this] { return static_cast<double>(now_ns() - started_ns_) / 1e9; };
    while (!try_ping()) {
        if (exited()) {
            return fail(ErrorCode::kIo, fmt::format("{} ({}) did not start, it said:\n{}",
                                                    setup_.name, setup_.binary, log_tail()));
        }
        if (elapsed() > seconds_max) {
            return fail(ErrorCode::kIo, fmt::format("{} did not answer PING within {:.0f} s",
                                                    setup_.name, seconds_max));
        }
        if (stop.sleep_ms(kReadyPollMs)) return fail(ErrorCode::kIo, "interrupted");
    }
    return elapsed();
}

double ServerProcess::cpu_us() const {
    clockid_t clock{};
    timespec used{};
    if (pid_ <= 0 || clock_getcpuclockid(pid_, &clock) != 0) return 0;
    if (clock_gettime(clock, &used) != 0) return 0;
    return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

Result<uint64_t> ServerProcess::rss_bytes() const {
    const std::string path = fmt::format("/proc/{}/smaps_rollup", pid_);
    std::ifstream in(path);
    constexpr std::string_view kLabel = "Rss:";
    for (std::string line; std::getline(in, line);) {
        if (line.compare(0, kLabel.size(), kLabel) != 0) continue;
        const size_t first = line.find_first_of("0123456789");
        const size_t last = line.find_first_not_of("0123456789", first);
        const auto kib = parse_uint64(line.substr(first, last - first));
        if (kib) return *kib * 1024;
    }
    return fail(ErrorCode::kNotFound, "cannot read Rss from " + path);
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
    std::string text = reply->type == REDIS_REPLY_INTEGER ? fmt::to_string(reply->integer)
                       : reply->str != nullptr            ? std::string(reply->str, reply->len)
                                                          : std::string();
    const bool is_error = reply->type == REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    if (is_error) return fail(ErrorCode::kInvalid, setup_.name + ": " + text);
    return text;
}

std::optional<std::string> ServerProcess::info(const std::string& field) {
    const auto text = ask({"INFO"});
    if (!text) return std::nullopt;
    const std::string label = "\n" + field + ":";
    const size_t at = text->find(label);
    if (at == std::string::npos) return std::nullopt;
    const size_t from = at + label.size();
    return text->substr(from, text->find('\r', from) - from);
}

}  // namespace tidemark::bench
