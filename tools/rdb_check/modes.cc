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
    {"fix", "mend what can be mended without loss, into a new file",
     "rdb-check fix dump.rdb -o mended.rdb\n"
     "rdb-check fix --dry-run dump.rdb",
     declare_fix},
    {"salvage", "write everything that can be read into a new file",
     "rdb-check salvage dump.rdb -o rescued.rdb\n"
     "rdb-check salvage --duplicates rename dump.rdb -o rescued.rdb",
     declare_salvage},
    {"info", "what a dump says about itself, without reading it all",
     "rdb-check info dump.rdb\n"
     "rdb-check info --json dump.rdb",
     declare_info},
    {"report", "say what a dump holds, and what is large in it",
     "rdb-check report dump.rdb\n"
     "rdb-check report --html report.html dump.rdb\n"
     "rdb-check report --fold-ids --top 50 --json dump.rdb.zst\n"
     "rdb-check report --where 'type=hash and elements>1000' dump.rdb\n"
     "rdb-check report --keys-csv keys.csv dump.rdb",
     declare_report},
});

constexpr tools::Tool kTool{"rdb-check", "Checks, mends and looks into Redis dump files (RDB).",
                            kModes, "check"};

}  // namespace

const tools::Tool& tool() {
    return kTool;
}

}  // namespace tidemark::rdb_check
