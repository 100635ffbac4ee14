// The stage of bench/compare: two sides, and the sizes of its table.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "bench/options.h"
#include "bench/stage.h"

namespace tidemark::bench {

enum class Side : uint8_t { kOurs, kPeer };

class Arena : public Stage {
public:
    Arena(const Options& options, Cores cores, ScratchFolder& scratch, StopSignal& stop,
          Report& report)
        : Stage(options, cores, scratch, stop, report), options_(options) {}

    const Options& options() const { return options_; }

    Result<std::string> folder(Side side);
    // What start() would use, for rows that change something of it.
    ServerSetup setup(Side side, Persistence persistence, std::string folder) const;
    using Stage::start;
    Result<std::unique_ptr<ServerProcess>> start(Side side, Persistence persistence);

    // SETs keys [first, first + count) once each, pipelined; fails unless all are there then.
    Status load_keys(ServerProcess& server, const Lane& what);

private:
    const Options& options_;
};

// A lane of the table's kind: its clients, keys and value size.
Lane table_lane(const Options& options, Verb verb, int pipeline);

}  // namespace tidemark::bench
