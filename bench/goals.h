// The promises of this project about durability and its price, each a row with its target, ours
// against the first peer: `fsync-bench --goals`.
#pragma once

#include <string>
#include <vector>

#include "bench/fsync_options.h"
#include "bench/loss.h"
#include "bench/progress.h"
#include "bench/stage.h"

namespace tidemark::bench {

class Goals {
public:
    // Ours first, then who it is compared with.
    Goals(Stage& stage, const FsyncOptions& options, const std::vector<Contestant>& contestants,
          Progress& progress)
        : stage_(stage), options_(options), contestants_(contestants), progress_(progress) {}

    // All rows; what fails is in the stage's report.
    void run();

private:
    struct Pair {
        std::unique_ptr<ServerProcess> ours;
        std::unique_ptr<ServerProcess> peer;
    };

    void row(int number, const std::string& what, Status (Goals::*measure)(int));
    Status always_here(int number);
    Status slow_disks(int number);
    Status everysec_against_off(int number);
    Status cpu_an_operation(int number);
    Status nothing_lost(int number);

    // On one disk.
    Status always_rates(int number, const Pair& pair, const std::string& disk,
                        const std::vector<std::pair<int, double>>& targets);
    Status readers_beside_writers(int number, const Pair& pair, const std::string& disk);
    Status share_of_limit(int number, const Pair& pair, const std::string& folder,
                          const std::string& disk, double target);

    Result<Pair> start(Persistence policy, ScratchFolder& place);
    Result<std::vector<Series>> compare(int number, const std::string& what, const Pair& pair,
                                        const std::vector<Lane>& lanes);
    void add_ratio(int number, const std::string& what, const Series& ours, const Series& peer,
                   double target);
    Lane lane(Verb verb, int clients, int pipeline) const;
    Status set_settled(const Pair& pair);

    Stage& stage_;
    const FsyncOptions& options_;
    const std::vector<Contestant>& contestants_;
    Progress& progress_;
};

}  // namespace tidemark::bench
