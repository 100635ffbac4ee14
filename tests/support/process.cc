#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/assert.h"
#include "tests/support/temp_folder.h"

namespace tidemark::support {
namespace {

using Clock = std::chrono::steady_clock;

ExitStatus decode(int status) {
    if (WIFSIGNALED(status)) return {-1, WTERMSIG(status)};
    return {WEXITSTATUS(status), 0};
}

[[noreturn]] void become(char* const* argv, int output_fd, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    if (getppid() != parent) _exit(126);
    const int null_fd = open("/dev/null", O_RDONLY);
    dup2(null_fd, STDIN_FILENO);
    dup2(output_fd, STDOUT_FILENO);
    dup2(output_fd, STDERR_FILENO);
    execvp(argv[0], argv);
    _exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& args, const std::string& output_path)
    : output_path_(output_path) {
    std::vector<char*> argv;
    for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
    argv.push_back(nullptr);
    const int fd = open(output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    TM_ASSERT(fd >= 0);
    const pid_t parent = getpid();
    pid_ = fork();
    TM_ASSERT(pid_ >= 0);
    if (pid_ == 0) become(argv.data(), fd, parent);
    close(fd);
}

Process::~Process() {
    if (poll()) return;
    send_signal(SIGKILL);
    wait_for(Milliseconds(10'000));
}

void Process::send_signal(int number) {
    if (!poll()) kill(pid_, number);
}

std::optional<ExitStatus> Process::poll() {
    int status = 0;
    if (!exited_ && waitpid(pid_, &status, WNOHANG) == pid_) exited_ = decode(status);
    return exited_;
}

std::optional<ExitStatus> Process::wait_for(Milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (!poll() && Clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::microseconds(500));
    return exited_;
}

std::string Process::output() const {
    return read_text_file(output_path_);
}

ExitStatus run_program(const std::vector<std::string>& args, Milliseconds limit,
                       std::string* output) {
    const TempFolder folder;
    Process process(args, folder / "output");
    if (!process.wait_for(limit)) process.send_signal(SIGKILL);
    const ExitStatus status = process.wait_for(Milliseconds(10'000)).value_or(ExitStatus{});
    if (output) *output = process.output();
    return status;
}

}  // namespace tidemark::support
