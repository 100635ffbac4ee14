#include "tools/rdb_check/modes.h"

#include <array>

namespace tidemark::rdb_check {

namespace {

using tools::Mode;

constexpr auto kModes = std::to_array<Mode>({
    {"check", "say everything that is wrong with a dump",
     "rdb-check dump.rdb\n"
     "rdb-check --json dump.rdb.gz\n"
     "rdb-check check --ndjson dump.rdb\n"
     "rdb-check check --key 'user:*' dump.rdb\n"
     "ssh db1 cat /var/lib/redis/dump.rdb | rdb-check -",
     declare_check, tools::EndsInWarnings::kYes},
    {"fix", "mend what can be mended without loss, into a new file",
     "rdb-check fix dump.rdb -o mended.rdb\n"
     "rdb-check fix --dry-run dump.rdb",
     declare_fix},
    {"salvage", "write everything that can be read into a new file",
     "rdb-check salvage dump.rdb -o rescued.rdb\n"
     "rdb-check salvage --duplicates rename dump.rdb -o rescued.rdb\n"
     "rdb-check salvage --partial dump.rdb -o rescued.rdb\n"
     "rdb-check salvage --db 0 dump.rdb -o rescued.rdb",
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
     declare_report, tools::EndsInWarnings::kYes},
    {"export", "give out the data as JSON, commands, a log or CSV",
     "rdb-check export dump.rdb > keys.ndjson\n"
     "rdb-check export --format resp dump.rdb | redis-cli --pipe\n"
     "rdb-check export --format aof -o appendonlydir dump.rdb\n"
     "rdb-check export --format csv --type hash --key 'user:*' dump.rdb > users.csv",
     declare_export},
    {"convert", "write the same data in another version or form",
     "rdb-check convert --to-version 10 -o old.rdb dump.rdb\n"
     "rdb-check convert --expand --no-compress --no-seal -o plain.rdb dump.rdb\n"
     "rdb-check convert --where \"not ttl=expired\" -o alive.rdb dump.rdb",
     declare_convert},
    {"diff", "say which keys two dumps do not have in common",
     "rdb-check diff yesterday.rdb today.rdb\n"
     "rdb-check diff --ignore-ttl --json a.rdb b.rdb\n"
     "rdb-check diff --summary --db 0 a.rdb b.rdb",
     declare_diff},
    {"split", "make several dumps of one: by slot, database or prefix",
     "rdb-check split --parts 3 -o shards dump.rdb\n"
     "rdb-check split --by-slots 0..8191,8192..16383 -o halves dump.rdb\n"
     "rdb-check split --by-prefix : -o by-prefix dump.rdb",
     declare_split},
    {"merge", "make one dump of several",
     "rdb-check merge -o all.rdb a.rdb b.rdb\n"
     "rdb-check merge --on-conflict last -o all.rdb old.rdb new.rdb",
     declare_merge},
    {"cat-key", "show one key with everything that is known of it",
     "rdb-check cat-key dump.rdb user:1\n"
     "rdb-check cat-key --json --db 0 dump.rdb user:1",
     declare_cat_key},
});

constexpr tools::Tool kTool{"rdb-check", "Checks, mends and looks into Redis dump files (RDB).",
                            kModes, "check", tools::TakesPayload::kYes};

}  // namespace

const tools::Tool& tool() {
    return kTool;
}

}  // namespace tidemark::rdb_check
