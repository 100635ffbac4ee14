// A server under test: started with the options that both servers understand, pinned, asked, and
// gone when this object is. It also dies with this process, whatever that dies of.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/child_process.h"
#include "bench/load_plan.h"
#include "bench/stop_signal.h"

struct redisContext;

namespace tidemark::bench {

// kNone: no log at all. kNo: a log that is never synced by the server.
enum class Persistence : uint8_t { kNone, kNo, kEverysec, kAlways };
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
    uint16_t port = 0;  // 0: one that is free
};

// A field of INFO's text, nothing when it is not there.
std::optional<std::string> info_field(const std::string& info, const std::string& field);

class ServerProcess {
public:
    // Starts it and returns at once.
    static Result<std::unique_ptr<ServerProcess>> start(const ServerSetup& setup);
    // One that runs already: there is no CPU, memory or disk figure of it, and it is left running.
    static std::unique_ptr<ServerProcess> attach(std::string name, Endpoint endpoint);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    const std::string& name() const { return setup_.name; }
    const Endpoint& endpoint() const { return endpoint_; }

    // Waits until PING answers PONG and returns how long that took since start(). An error when it
    // exits (with the end of what it printed) or the time is over, or when stop is raised.
    Result<double> wait_ready(StopSignal& stop, double seconds_max);
    bool attached() const { return setup_.binary.empty(); }
    // How a server that was started ended ("killed by signal 9"); empty while it runs. A process
    // that loses its connections is not yet gone: give it a moment.
    std::string ending(int patience_ms = 0);
    // kill -9, from any thread; the object goes on until it is destroyed.
    void kill_hard() const;

    // CPU time of all its threads, those that ended and the kernel's workers for its io_uring
    // included. 0 when it is gone.
    double cpu_us() const;
    // Bytes that it caused to be written to disks, whole pages as they were dirtied; nothing when
    // the kernel does not say.
    std::optional<uint64_t> written_bytes() const;
    // Resident memory, exact (the sum over its mappings).
    Result<uint64_t> rss_bytes() const;
    // A command with an integer, status or string reply (of an array: its last element); an error
    // reply is an Error.
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
    bool try_ping();

    ServerSetup setup_;
    Endpoint endpoint_;
    std::string log_path_;
    ChildProcess child_;
    uint64_t started_ns_ = 0;
    std::unique_ptr<redisContext, ContextCloser> control_;
    std::string connect_error_;  // of the last try
};

}  // namespace tidemark::bench
