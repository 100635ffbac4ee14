#include "bench/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <deque>
#include <fstream>
#include <utility>

#include "bench/machine.h"

namespace tidemark::bench {

namespace {

constexpr int kExecFailed = 127;  // as a shell says it
constexpr int kPollMs = 2;
constexpr int kRunSecondsMax = 60;

[[noreturn]] void run_child(const ChildSetup& setup, std::vector<char*>& argv, int output_fd) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (setup.core) (void)pin_to_core(*setup.core);
    dup2(output_fd, STDOUT_FILENO);
    dup2(output_fd, STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(kExecFailed);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const ChildSetup& setup) {
    // Everything that allocates is done before the fork.
    std::vector<char*> argv;
    for (const std::string& word : setup.words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int output_fd =
        open(setup.output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output_fd < 0) return fail(system_error(errno, "cannot create " + setup.output_path));
    ChildProcess child;
    child.pid_ = fork();
    const int fork_errno = errno;
    if (child.pid_ == 0) run_child(setup, argv, output_fd);
    close(output_fd);
    if (child.pid_ < 0) return fail(system_error(fork_errno, "cannot fork"));
    return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(status_, other.status_);
    return *this;
}

ChildProcess::~ChildProcess() {
    send_signal(SIGKILL);
    reap(0);
}

void ChildProcess::reap(int options) {
    if (pid_ <= 0) return;
    int status = 0;
    if (waitpid(pid_, &status, options) != pid_) return;
    status_ = status;
    pid_ = -1;
}

bool ChildProcess::running() {
    reap(WNOHANG);
    return pid_ > 0;
}

bool ChildProcess::wait_ms(int ms) {
    for (int waited = 0; running(); waited += kPollMs) {
        if (waited >= ms) return false;
        poll(nullptr, 0, kPollMs);
    }
    return true;
}

void ChildProcess::send_signal(int signal) const {
    if (pid_ > 0) kill(pid_, signal);
}

std::string ChildProcess::ending() const {
    if (!status_) return {};
    if (WIFSIGNALED(*status_)) return fmt::format("killed by signal {}", WTERMSIG(*status_));
    return fmt::format("exit status {}", WEXITSTATUS(*status_));
}

bool ChildProcess::ended_well() const {
    return status_ && WIFEXITED(*status_) && WEXITSTATUS(*status_) == 0;
}

Status run_to_end(const std::vector<std::string>& words, const std::string& output_path) {
    ChildProcess child = TM_TRY(ChildProcess::start({words, output_path, std::nullopt}));
    if (!child.wait_ms(kRunSecondsMax * 1000)) {
        return fail(ErrorCode::kIo,
                    fmt::format("{} did not end within {} s", words[0], kRunSecondsMax));
    }
    if (child.ended_well()) return {};
    return fail(ErrorCode::kIo, fmt::format("{} failed ({}): {}", words[0], child.ending(),
                                            last_lines_of(output_path)));
}

std::string last_lines_of(const std::string& path) {
    constexpr size_t kLines = 3;
    std::ifstream in(path);
    std::deque<std::string> last;
    for (std::string line; std::getline(in, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (line.empty()) continue;
        last.push_back(std::move(line));
        if (last.size() > kLines) last.pop_front();
    }
    std::string text;
    for (const std::string& line : last) text += (text.empty() ? "" : "; ") + line;
    return text;
}

}  // namespace tidemark::bench
