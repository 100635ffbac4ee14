// A child process: output to a file, killed with its owner and, should this process die first,
// by the kernel. Start it from the main thread: the kernel's rule follows the thread that forked.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::support {

using Milliseconds = std::chrono::milliseconds;

struct ExitStatus {
    int code = -1;   // of exit(), or -1
    int signal = 0;  // that ended it, or 0
};

class Process {
public:
    // args[0] is the program, looked up in PATH. Standard output and error go to `output_path`
    // (appended), standard input is empty.
    Process(const std::vector<std::string>& args, const std::string& output_path);
    ~Process();  // kill -9
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    void send_signal(int number);
    // Empty while it runs.
    std::optional<ExitStatus> poll();
    std::optional<ExitStatus> wait_for(Milliseconds limit);
    std::string output() const;

private:
    pid_t pid_ = -1;
    std::string output_path_;
    std::optional<ExitStatus> exited_;
};

// Runs to the end; a run past the limit is killed and reported as signal 9.
ExitStatus run_program(const std::vector<std::string>& args, Milliseconds limit,
                       std::string* output);

}  // namespace tidemark::support
