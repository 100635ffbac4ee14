// What a mode that writes has done: what was mended, what was lost and where the result is. The
// same words and JSON members for all of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/aof_check/lost_keys.h"
#include "tools/aof_check/new_log.h"
#include "tools/common/output.h"

namespace tidemark::aof_check {

struct Loss {
    std::string file;
    uint64_t begin = 0;
    uint64_t end = 0;
    std::string why;
    LostKeys what;
    bool never_promised = false;  // nobody was told that it is safe: not counted as a loss
    bool is_torn = false;         // at the end of a log without seals: whether, nobody knows
};

struct RepairReport {
    std::vector<std::string> mended;
    std::vector<Loss> losses;

    bool has_loss() const;
    uint64_t lost_bytes() const;
};

// "bytes 10 to 19", both included; "no bytes".
std::string place_of(const Loss& loss);

// Nothing was written, because only the user knows which files count.
tools::Exit say_manifest_is_unclear(std::string_view why, const Chain& chain,
                                    tools::Output& output);

// It is no log at all, so there is nothing to mend.
tools::Exit say_no_log(const Chain& chain, tools::Output& output);

// For --dry-run, which writes nothing.
tools::Exit say_plan(const RepairReport& report, tools::Output& output);

// Lines and JSON members.
void report_repair(const RepairReport& report, const NewLog& log, tools::Output& output);

// The exit code and the sentence for it: "repaired, with the loss of ...: wrote X".
tools::Exit repair_verdict(const RepairReport& report, const NewLog& log, tools::Output& output);

}  // namespace tidemark::aof_check
