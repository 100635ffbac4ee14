// A real server in a process of its own: tidemark-server, or redis-server as the oracle. Listens on
// a free loopback port and on a Unix socket; dies with its owner.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace tidemark::support {

enum class ServerKind { kTidemark, kRedis };

// The program: $TIDEMARK_SERVER, or what the build leaves in build/. For redis-server the one in
// PATH.
std::string server_program(ServerKind kind);

int free_loopback_port();

class ServerProcess {
public:
    // `args` come last on the command line, after --dir, --port, --bind, --unixsocket. Does not
    // wait; see wait_ready(). The data folder must exist and outlives the server.
    ServerProcess(ServerKind kind, std::string data_folder, std::vector<std::string> args);
    ~ServerProcess();

    // Until PING is answered with PONG. False when the process ended or `limit` is over.
    bool wait_ready(Milliseconds limit = Milliseconds(60'000));
    const Endpoint& endpoint() const { return endpoint_; }  // the Unix socket
    Endpoint tcp() const { return {"", endpoint_.port}; }
    Client connect() const { return Client(endpoint_); }

    // SIGTERM and wait. Fails the running test when that takes longer than `limit`.
    ExitStatus stop(Milliseconds limit = Milliseconds(30'000));
    void kill_hard();  // SIGKILL and wait

    Process& process() { return *process_; }
    std::string output() const { return process_->output(); }
    size_t resident_bytes() const;

private:
    // A sanitizer's report in the server's output fails the running test.
    void check_output();

    TempFolder folder_;  // socket and output
    Endpoint endpoint_;
    std::unique_ptr<Process> process_;
    bool checked_ = false;
};

// Started and ready, or the running test case fails here with the server's output.
std::unique_ptr<ServerProcess> start_server(ServerKind kind, const std::string& data_folder,
                                            std::vector<std::string> args = {});

// TIDEMARK_FULL=1 asks for the large counts.
bool full_run();
// True in a build with a sanitizer, where everything takes several times longer.
bool sanitized();
// `quick`, or `full` with TIDEMARK_FULL=1; in a build with a sanitizer a quarter of the one, a
// tenth of the other.
int rounds(int quick, int full);

}  // namespace tidemark::support
