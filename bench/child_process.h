// A program that the benchmark starts: in a process group of its own, so that a Ctrl-C reaches us
// and not it; gone when this object is, and killed by the kernel should this process die first.
// Start it from the main thread: the kernel's rule follows the thread that forked.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tidemark::bench {

struct ChildSetup {
    std::vector<std::string> words;  // words[0] is the program, looked up in PATH
    std::string output_path;         // its output is appended here
    std::optional<int> core;
};

class ChildProcess {
public:
    static Result<ChildProcess> start(const ChildSetup& setup);
    ChildProcess() = default;
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();  // kill -9

    pid_t pid() const { return pid_; }  // -1 once it was seen to have ended
    // False once it has ended.
    bool running();
    // Waits for its end. False: it still runs after so many milliseconds.
    bool wait_ms(int ms);
    // Sends a signal; does nothing once it has ended.
    void send_signal(int signal) const;
    // "exit status 1", "killed by signal 9"; empty while it runs.
    std::string ending() const;
    bool ended_well() const;

private:
    void reap(int options);

    pid_t pid_ = -1;
    std::optional<int> status_;  // of waitpid
};

// Runs a program to its end; an error carries the last line of what it printed.
Status run_to_end(const std::vector<std::string>& words, const std::string& output_path);

// The last lines of a text file that are not empty (three at most), as one: "a; b; c".
std::string last_lines_of(const std::string& path);

}  // namespace tidemark::bench
