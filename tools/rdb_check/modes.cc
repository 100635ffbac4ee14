#include "tools/rdb_check/modes.h"

#include <array>

namespace tidemark::rdb_check {

namespace {

using tools::Mode;

constexpr auto kModes = std::to_array<Mode>({
    {"check", "say everything that is wrong with a dump",
     "rdb-check dump.rdb\n"
     "rdb-check --json dump.rdb.gz\n"
     "ssh db1 cat /var/lib/redis/dump.rdb | rdb-check -",
     declare_check},
});

constexpr tools::Tool kTool{"rdb-check", "Checks, mends and looks into Redis dump files (RDB).",
                            kModes, "check"};

}  // namespace

const tools::Tool& tool() {
    return kTool;
}

}  // namespace tidemark::rdb_check
