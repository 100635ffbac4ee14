// A server under test: started with the options that both servers understand, pinned, asked, and
// gone when this object is. It also dies with this process, whatever that dies of.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/load_plan.h"
#include "bench/stop_signal.h"

struct redisContext;

namespace tidemark::bench {

enum class Persistence : uint8_t { kNone, kEverysec, kAlways };
enum class Transport : uint8_t { kTcp, kUnix };

struct ServerSetup {
    std::string name;  // as the report calls it
    std::string binary;
    std::vector<std::string> arguments;  // after those of this file
    std::string folder;                  // its data; exists
    Persistence persistence = Persistence::kNone;
    Transport transport = Transport::kTcp;
    std::string congestion;
    std::optional<int> core;
    int clients_max = 10'000;
};

class ServerProcess {
public:
    // Starts it and returns at once.
    static Result<std::unique_ptr<ServerProcess>> start(const ServerSetup& setup);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    const std::string& name() const { return setup_.name; }
    const Endpoint& endpoint() const { return endpoint_; }

    // Waits until PING answers PONG and returns how long that took since start(). An error when it
    // exits (with the end of what it printed) or the time is over, or when stop is raised.
    Result<double> wait_ready(StopSignal& stop, double seconds_max);

    // CPU time of all its threads, those that ended and the kernel's workers for its io_uring
    // included. 0 when it is gone.
    double cpu_us() const;
    // Resident memory, exact (the sum over its mappings).
    Result<uint64_t> rss_bytes() const;
    // A command with an integer, status or string reply; an error reply is an Error.
    Result<std::string> ask(const std::vector<std::string>& words);
    // A field of INFO, nothing when the server has no such field.
    std::optional<std::string> info(const std::string& field);

private:
    struct ContextCloser {
        void operator()(redisContext* context) const;
    };

    explicit ServerProcess(ServerSetup setup) : setup_(std::move(setup)) {}
    Status choose_endpoint();
    Status spawn();
    std::vector<std::string> command_line() const;
    [[noreturn]] void run_child(const std::vector<std::string>& words, int log_fd) const;
    bool try_ping();
    bool exited();
    std::string log_tail() const;

    ServerSetup setup_;
    Endpoint endpoint_;
    std::string log_path_;
    pid_t pid_ = -1;
    uint64_t started_ns_ = 0;
    std::unique_ptr<redisContext, ContextCloser> control_;
};

}  // namespace tidemark::bench
