#include "server/config_file.h"

#include <fmt/format.h>
#include <glob.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "base/ascii.h"
#include "base/quoted_words.h"
#include "base/version.h"
#include "server/directive.h"

namespace tidemark::server {

namespace {

constexpr std::string_view kStdinName = "standard input";
constexpr std::string_view kCommandLineName = "command line";

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<std::string> read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string absolute(const std::string& path) {
    char resolved[PATH_MAX];
    return realpath(path.c_str(), resolved) == nullptr ? path : std::string(resolved);
}

Status include_files(const std::string& pattern, int depth, LoadedConfig& loaded) {
    if (depth >= kMaxIncludeDepth) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("include {}: more than {} files deep", pattern, kMaxIncludeDepth));
    }
    bool is_pattern = pattern.find_first_of("*?[") != std::string::npos;
    glob_t matches{};
    std::vector<std::string> paths;
    // A pattern may match nothing; a name has to be there.
    if (is_pattern && glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
        paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
    } else if (!is_pattern) {
        paths.push_back(pattern);
    }
    globfree(&matches);
    for (const std::string& path : paths) {
        std::optional<std::string> text = read_text(path);
        if (!text) return fail(system_error(errno, fmt::format("include: cannot read {}", path)));
        TM_CHECK(apply_config_text(*text, path, depth + 1, loaded));
    }
    return {};
}

// What is wrong with one line, or nothing.
Refusal apply_words(Words words, LoadedConfig& loaded, std::string_view place) {
    Words values = words.subspan(1);
    if (const Directive* directive = find_directive(words[0])) {
        if (values.empty()) return "needs a value";
        return set_directive(*directive, loaded.config, values);
    }
    if (const IgnoredDirective* ignored = find_ignored_directive(words[0])) {
        if (!accepts(*ignored, values)) {
            return fmt::format("{}, so only {} is accepted", ignored->reason,
                               quote_word(ignored->value));
        }
        loaded.notes.push_back(
            fmt::format("{}: '{}' has no effect: {}", place, words[0], ignored->reason));
        return std::nullopt;
    }
    return "is not a setting of this server; remove it";
}

}  // namespace

Status apply_config_text(std::string_view text, const std::string& name, int depth,
                         LoadedConfig& loaded) {
    for (size_t number = 1; !text.empty(); ++number) {
        size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line[0] == '#') continue;

        std::string place =
            name == kCommandLineName ? name : fmt::format("{} line {}", name, number);
        std::optional<std::vector<std::string>> words = split_words(line);
        if (!words || words->empty()) {
            return fail(ErrorCode::kInvalid,
                        fmt::format("{}: the quotes of `{}` do not balance", place, line));
        }
        if (same_word((*words)[0], "include") && words->size() == 2) {
            TM_CHECK(include_files((*words)[1], depth, loaded));
        } else if (Refusal refusal = apply_words(*words, loaded, place)) {
            return fail(ErrorCode::kInvalid,
                        fmt::format("{}: `{}`: '{}' {}", place, line, (*words)[0], *refusal));
        }
    }
    return {};
}

Result<CommandLine> parse_command_line(std::span<const char* const> args) {
    CommandLine result;
    for (size_t i = 0; i < args.size(); ++i) {
        std::string_view arg = args[i];
        bool is_first = i == 0;
        bool is_last = i + 1 == args.size();
        if (is_first && is_last && (arg == "--version" || arg == "-v")) {
            result.action = CommandLine::Action::kShowVersion;
        } else if (is_first && is_last && (arg == "--help" || arg == "-h")) {
            result.action = CommandLine::Action::kShowHelp;
        } else if (arg == "-" && (is_first || is_last)) {
            result.read_stdin = true;
        } else if (is_first && !arg.starts_with('-')) {
            result.file = arg;
        } else if (arg.starts_with("--") && arg.size() > 2) {
            result.lines.emplace_back(arg.substr(2));
        } else if (!result.lines.empty()) {
            // A whole line's worth of values may come as one argument, as Redis allows for lists.
            std::string& line = result.lines.back();
            bool is_list = arg.find(' ') != std::string_view::npos &&
                           find_directive(line) != nullptr &&
                           std::holds_alternative<CustomKind>(find_directive(line)->kind);
            line += ' ';
            line += is_list ? std::string(arg) : quote_word(arg);
        } else {
            return fail(ErrorCode::kInvalid,
                        fmt::format("'{}' is not an option; run tidemark-server --help", arg));
        }
    }
    return result;
}

Result<LoadedConfig> load_config(const CommandLine& command_line) {
    LoadedConfig loaded;
    if (!command_line.file.empty()) {
        loaded.file = absolute(command_line.file);
        std::optional<std::string> text = read_text(loaded.file);
        if (!text) {
            return fail(system_error(
                errno, fmt::format("cannot read the configuration file {}", loaded.file)));
        }
        TM_CHECK(apply_config_text(*text, loaded.file, 0, loaded));
    }
    if (command_line.read_stdin) {
        std::string text(std::istreambuf_iterator<char>(std::cin), {});
        TM_CHECK(apply_config_text(text, std::string(kStdinName), 0, loaded));
    }
    for (const std::string& line : command_line.lines) {
        TM_CHECK(apply_config_text(line, std::string(kCommandLineName), 0, loaded));
    }
    return loaded;
}

std::string version_text() {
    return fmt::format("tidemark-server v={} (redis_version {})\n", kVersion, kRedisVersion);
}

std::string help_text() {
    return "Usage: tidemark-server [file] [--name value ...] [-]\n"
           "  file           settings in the syntax of redis.conf\n"
           "  --name value   one setting; comes after the file and wins\n"
           "  -              more settings on standard input\n"
           "  --version, --help\n"
           "Examples:\n"
           "  tidemark-server --port 7000 --dir /var/lib/tidemark\n"
           "  tidemark-server /etc/tidemark.conf --loglevel verbose\n"
           "  echo 'appendfsync everysec' | tidemark-server -\n"
           "Without options: port 6379 on the loopback addresses, every write durable before its "
           "reply\n(appendonly yes, appendfsync always), data in ./appendonlydir.\n";
}

}  // namespace tidemark::server
