// What the offline tools' exit status says. Scripts depend on the numbers: never renumbered.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::tools {

enum class Exit : uint8_t {
    kClean = 0,
    kDamaged = 1,           // a server would refuse it or lose data; diff: there are differences
    kUsage = 2,             // the command line cannot be used
    kIo = 3,                // a file cannot be opened, read or written
    kRepaired = 4,          // without loss
    kRepairedWithLoss = 5,  // the ranges are listed
    kWarnings = 6,          // warnings only, with --strict
    kCannotJudge = 7,       // format too new, or a module's data
    kIncomplete = 8,        // interrupted, or a limit was reached
};

// "clean", "damaged" ...: the verdict's name in JSON.
constexpr std::string_view name_of(Exit exit) {
    switch (exit) {
        case Exit::kClean:
            return "clean";
        case Exit::kDamaged:
            return "damaged";
        case Exit::kUsage:
            return "usage";
        case Exit::kIo:
            return "io-error";
        case Exit::kRepaired:
            return "repaired";
        case Exit::kRepairedWithLoss:
            return "repaired-with-loss";
        case Exit::kWarnings:
            return "warnings";
        case Exit::kCannotJudge:
            return "cannot-judge";
        case Exit::kIncomplete:
            return "incomplete";
    }
    return "unknown";
}

// For --help and the man pages.
inline constexpr std::string_view kExitCodesHelp =
    "Exit codes: 0 clean, 1 damaged (or different), 2 usage, 3 cannot open, read or write,\n"
    "4 repaired without loss, 5 repaired with loss, 6 warnings only (--strict),\n"
    "7 cannot be judged (too new, module data), 8 interrupted or a limit reached.";

}  // namespace tidemark::tools
