// What a cut loses, measured: clients count up keys of their own with INCR and remember when each
// reply came; at a random moment the power goes (the file system is shut down without a log flush,
// the server killed) or only the server is killed; what is left is recovered, and each counter is
// compared with what its client had been told.
//
//   counter        1 2 3 ... m | m+1 ... n        the server came back with m, the client heard n
//   lost           n - m writes, since the reply to m+1: cut time less that time in milliseconds
//
// A server that says how long ago its last sync began (aof_sync_age_usec in INFO) is asked right
// before the power goes: what it loses may be that old, and no older.
//
// Which acknowledgements count: in a power cut those that came before it began, since a server
// without power says nothing (and the kernel may call a sync that it overtakes a success); when
// only the server is killed, all that ever came.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "bench/findings.h"
#include "bench/fsync_options.h"
#include "bench/loop_disk.h"
#include "bench/progress.h"
#include "bench/stage.h"

namespace tidemark::bench {

// A disk to cut, in `scratch`. Needs root, loop devices, and enter_private_mounts() before.
Result<LoopDisk> make_loss_disk(ScratchFolder& scratch);

class LossTest {
public:
    // `disk`: what is cut; null: the servers are only killed, in the stage's own folder.
    LossTest(Stage& stage, LoopDisk* disk, Progress& progress)
        : stage_(stage), disk_(disk), progress_(progress), random_(random_seed_from_kernel()) {}

    LossRow run(const Contestant& contestant, Persistence policy, int cuts);

    // About so long takes one cut.
    static double seconds_of(Persistence policy);

private:
    struct Outcome {
        bool recovered = true;
        uint64_t acknowledged = 0;
        uint64_t lost = 0;
        double lost_ms = 0;
        std::optional<double> sync_age_ms;  // at the cut
    };

    Result<Outcome> cut_once(const Contestant& contestant, Persistence policy);
    Result<std::string> new_folder(const std::string& name);
    Result<Outcome> compare(ServerProcess& server, const LoadGenerator& generator,
                            uint64_t cut_ns) const;

    Stage& stage_;
    LoopDisk* disk_;
    Progress& progress_;
    Random random_;
    int made_ = 0;
};

}  // namespace tidemark::bench
