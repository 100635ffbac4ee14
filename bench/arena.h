// Where a row of the table runs: starts the two servers, loads them, runs them in turns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/load_generator.h"
#include "bench/machine.h"
#include "bench/options.h"
#include "bench/report.h"
#include "bench/server_process.h"

namespace tidemark::bench {

enum class Side : uint8_t { kOurs, kPeer };

class Arena {
public:
    Arena(const Options& options, Cores cores, ScratchFolder& scratch, StopSignal& stop,
          Report& report)
        : options_(options), cores_(cores), scratch_(scratch), stop_(stop), report_(report) {}

    const Options& options() const { return options_; }
    Report& report() { return report_; }
    StopSignal& stop() { return stop_; }

    Result<std::string> folder(Side side);
    // What start() would use, for rows that change something of it.
    ServerSetup setup(Side side, Persistence persistence, std::string folder) const;
    // Started, answering, and without automatic rewrites of its log.
    Result<std::unique_ptr<ServerProcess>> start(Side side, Persistence persistence);
    Result<std::unique_ptr<ServerProcess>> start(const ServerSetup& setup);

    // SETs keys [first, first + count) once each, pipelined; fails unless all are there then.
    Status load_keys(ServerProcess& server, const Lane& what);

    // Connects, and fails on any error reply (and on misses: every row reads keys that exist).
    Result<std::unique_ptr<LoadGenerator>> connect(const ServerProcess& server,
                                                   const std::vector<Lane>& lanes);
    Result<LoadResult> run(LoadGenerator& generator, double seconds);

    // A contestant's next round: the load for options().seconds, added to `series`. Latencies are
    // those of lane 0, operations those of all lanes.
    Status round(ServerProcess& server, LoadGenerator& generator, Series& series);

    struct Contest {
        ServerProcess* server;
        std::vector<Lane> lanes;
        std::string label;  // of the series
    };
    // All contestants, warmed up, in turns, options().rounds times.
    Result<std::vector<Series>> interleave(const std::vector<Contest>& contests);

private:
    const Options& options_;
    const Cores cores_;
    ScratchFolder& scratch_;
    StopSignal& stop_;
    Report& report_;
};

// A lane of the table's kind: its clients, keys and value size.
Lane table_lane(const Options& options, Verb verb, int pipeline);

}  // namespace tidemark::bench
