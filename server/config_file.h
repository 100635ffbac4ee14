// Where settings come from at start: a file in redis.conf's syntax, `include`, standard input, and
// `--name value` on the command line, which comes last and wins.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/config.h"

namespace tidemark::server {

// No include tree that anyone meant to write is deeper; a file that includes itself stops here.
inline constexpr int kMaxIncludeDepth = 16;

struct CommandLine {
    enum class Action : uint8_t { kServe, kShowVersion, kShowHelp };
    Action action = Action::kServe;
    std::string file;                // empty: none
    bool read_stdin = false;         // "-"
    std::vector<std::string> lines;  // one for each --name with its values
};

// `args` without the program's name. kInvalid: one sentence.
Result<CommandLine> parse_command_line(std::span<const char* const> args);

struct LoadedConfig {
    Config config;
    std::string file;                // absolute; empty: none
    std::vector<std::string> notes;  // for the log, once there is one: settings that do nothing yet
};

// Reads everything that the command line names. The error is one sentence with file, line, setting
// and what is accepted.
Result<LoadedConfig> load_config(const CommandLine& command_line);

// The lines of one text, applied to `loaded`. `name` is what errors call it.
Status apply_config_text(std::string_view text, const std::string& name, int depth,
                         LoadedConfig& loaded);

std::string version_text();
std::string help_text();

}  // namespace tidemark::server
