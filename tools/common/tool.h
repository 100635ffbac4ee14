// A tool is a table of modes. `tool MODE [options] FILE`; without a mode the first word is the
// default mode's. One row and one file a mode.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/common/exit_code.h"
#include "tools/common/options.h"
#include "tools/common/session.h"

namespace tidemark::tools {

// What a mode does once its options are parsed. Gives the verdict itself (session.output()), unless
// it returns an error: then the caller says it, with the exit code that fits.
using Run = std::function<Result<Exit>(Session&)>;

// Whether a mode can end in warnings alone: --strict.
enum class EndsInWarnings : uint8_t { kNo, kYes };

struct Mode {
    std::string_view name;
    std::string_view summary;   // one line
    std::string_view examples;  // lines, as they would be typed; the last part of --help
    // Adds options, and gives what runs with their values:
    //     auto options = std::make_shared<InfoOptions>();
    //     app.add("file", options->file, "the dump").required();
    //     return [options](Session& session) { return run_info(*options, session); };
    Run (*declare)(Options& app);
    EndsInWarnings ends_in_warnings = EndsInWarnings::kNo;
};

// Whether a tool's input may be what DUMP answered: --dump and --dump-hex.
enum class TakesPayload : uint8_t { kNo, kYes };

struct Tool {
    std::string_view name;
    std::string_view summary;
    std::span<const Mode> modes;
    std::string_view default_mode;
    TakesPayload takes_payload = TakesPayload::kNo;
};

// `args` without the program's name. Returns the exit status.
int run_tool(const Tool& tool, const std::vector<std::string>& args, const Console& console);

// What was printed without a mode goes out: `exit`, or kIo with a sentence on stderr.
int end_printing(std::string_view name, const Console& console, int exit);

// Which exit code an error is, when nothing else says so.
Exit exit_of(const Error& error, const StopFlag& stop);

}  // namespace tidemark::tools
