// Where servers are measured: starts them, loads them, runs them in turns. The servers share one
// core, the load has another.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/load_generator.h"
#include "bench/machine.h"
#include "bench/report.h"
#include "bench/server_process.h"

namespace tidemark::bench {

struct StageOptions {
    std::string dir = ".";
    int rounds = 5;
    double seconds = 2;  // of one measured run
    Transport transport = Transport::kTcp;
    std::string congestion;
};

// A server that can be started.
struct Contestant {
    std::string name;
    std::string binary;
    std::vector<std::string> arguments;
};

class Stage {
public:
    Stage(const StageOptions& options, Cores cores, ScratchFolder& scratch, StopSignal& stop,
          Report& report)
        : options_(options), cores_(cores), scratch_(scratch), stop_(stop), report_(report) {}

    Report& report() { return report_; }
    StopSignal& stop() { return stop_; }
    ScratchFolder& scratch() { return scratch_; }

    ServerSetup setup(const Contestant& contestant, Persistence persistence,
                      std::string folder) const;
    // Started, answering, and without automatic rewrites of its log.
    Result<std::unique_ptr<ServerProcess>> start(const ServerSetup& setup);

    Result<std::unique_ptr<LoadGenerator>> connect(const ServerProcess& server,
                                                   const std::vector<Lane>& lanes);
    // Fails on any error reply, and on misses: everything that is read was set before.
    Result<LoadResult> run(LoadGenerator& generator, double seconds);
    // SETs each of the lane's keys once, pipelined.
    Status set_all(ServerProcess& server, const Lane& what);

    // The load for options.seconds, added to `series`.
    Status round(ServerProcess& server, LoadGenerator& generator, Series& series);

    struct Contest {
        ServerProcess* server;
        std::vector<Lane> lanes;
        std::string label;  // of the series
    };
    // All contestants, warmed up, in turns, options.rounds times. One that fails says so in its
    // series' `failure` and takes no part in further rounds; the others go on.
    std::vector<Series> run_in_turns(const std::vector<Contest>& contests, int rounds);
    std::vector<Series> run_in_turns(const std::vector<Contest>& contests) {
        return run_in_turns(contests, options_.rounds);
    }
    // The same, for who needs all of them.
    Result<std::vector<Series>> interleave(const std::vector<Contest>& contests, int rounds);
    Result<std::vector<Series>> interleave(const std::vector<Contest>& contests) {
        return interleave(contests, options_.rounds);
    }

private:
    const StageOptions& options_;
    const Cores cores_;
    ScratchFolder& scratch_;
    StopSignal& stop_;
    Report& report_;
};

}  // namespace tidemark::bench
