#include "tools/aof_check/modes.h"

#include <array>

namespace tidemark::aof_check {

namespace {

using tools::Mode;

constexpr auto kModes = std::to_array<Mode>({
    {"check", "say everything that is wrong with a log, and what a server would do",
     "aof-check /var/lib/redis\n"
     "aof-check --json /var/lib/redis/appendonlydir\n"
     "aof-check appendonlydir/appendonly.aof.1.incr.aof",
     declare_check, tools::EndsInWarnings::kYes},
    {"fix", "write the log up to its first damage, and mend its manifest",
     "aof-check fix --dry-run appendonlydir\n"
     "aof-check fix appendonlydir                 writes appendonlydir.fixed\n"
     "aof-check fix --in-place appendonlydir      the old one stays as appendonlydir.bak",
     declare_fix},
    {"salvage", "write everything of a damaged log that can be read",
     "aof-check salvage appendonlydir             writes appendonlydir.salvaged\n"
     "aof-check salvage --db-after-gap park -o saved appendonlydir",
     declare_salvage},
    {"until", "write the log as it was before a moment or a command",
     "aof-check until --before-command FLUSHALL appendonlydir\n"
     "aof-check until --time 1700000000 -o earlier appendonlydir\n"
     "aof-check until --offset 52 appendonlydir/appendonly.aof.1.incr.aof\n"
     "aof-check until --lsn 120 appendonlydir",
     declare_until},
    {"stats", "count commands, and the keys that most was written to",
     "aof-check stats --top 20 appendonlydir", declare_stats},
    {"rebuild-manifest", "write the manifest of a folder that has lost it",
     "aof-check rebuild-manifest --dry-run appendonlydir\n"
     "aof-check rebuild-manifest appendonlydir",
     declare_rebuild_manifest},
    {"tail", "follow a log that is being written, and show its records",
     "aof-check tail -n 5 --for 1 appendonlydir", declare_tail},
    {"verify", "compare what a log holds with a dump",
     "aof-check verify --against dump.rdb appendonlydir", declare_verify},
});

constexpr tools::Tool kTool{"aof-check", "Checks and mends append-only logs (AOF).", kModes,
                            "check"};

}  // namespace

const tools::Tool& tool() {
    return kTool;
}

}  // namespace tidemark::aof_check
