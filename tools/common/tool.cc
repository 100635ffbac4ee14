#include "tools/common/tool.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/version.h"
#include "tools/common/print.h"

namespace tidemark::tools {

namespace {

const Mode* find_mode(const Tool& tool, std::string_view name) {
    const auto mode = std::find_if(tool.modes.begin(), tool.modes.end(),
                                   [&](const Mode& one) { return one.name == name; });
    return mode == tool.modes.end() ? nullptr : &*mode;
}

// Who reads through a pipe and has enough of it does not want to hear of that.
int cannot_print(std::string_view name, const Console& console, int why) {
    const std::string_view what = "cannot write to standard output";
    if (why != EPIPE) {
        print(console.err, "{}: {}\n", name,
              why == 0 ? std::string(what) : system_error(why, what).what);
    }
    return static_cast<int>(Exit::kIo);
}

void print_overview(const Tool& tool, FILE* to) {
    print(to, "{}\n\nUsage: {} [MODE] [OPTIONS] FILE\n\nModes ({} when none is named):\n",
          tool.summary, tool.name, tool.default_mode);
    for (const Mode& mode : tool.modes) print(to, "  {:<18}{}\n", mode.name, mode.summary);
    print(to, "\n{} MODE --help shows a mode's options and examples.\n\n{}\n", tool.name,
          kExitCodesHelp);
}

void add_payload_options(Options& app, CommonOptions& options, const std::string& group) {
    auto dump = app.add_flag("--dump", options.dump, "the input is what DUMP answered");
    dump.group(group);
    app.add_flag("--dump-hex", options.dump_hex,
                 "the same, in hexadecimal or as redis-cli prints it")
        .group(group)
        .excludes(dump);
}

void add_common_options(const Tool& tool, const Mode& mode, Options& app, CommonOptions& options) {
    const std::string group = "Input and output";
    auto json = app.add_flag("--json", options.json, "one JSON document instead of text");
    auto quiet = app.add_flag("-q,--quiet", options.quiet, "the exit code only");
    json.group(group).excludes(quiet);
    quiet.group(group);
    auto progress = app.add_flag("--progress", options.progress,
                                 "show progress on stderr [when that is a terminal]");
    progress.group(group);
    app.add_flag("--no-progress", options.no_progress, "never show progress")
        .group(group)
        .excludes(progress);
    app.add_flag("--force", options.force, "read a file although it is being written to")
        .group(group);
    if (mode.ends_in_warnings == EndsInWarnings::kYes) {
        app.add_flag("--strict", options.strict, "warnings alone make exit code 6 instead of 0")
            .group(group);
    }
    if (tool.takes_payload == TakesPayload::kYes) add_payload_options(app, options, group);
    app.add("--tmp-dir", options.temporary_folder,
            "for what is unpacked or sorted [$TMPDIR, else /var/tmp]")
        .group(group)
        .folder_that_exists();
}

std::string footer_of(const Mode& mode) {
    std::string text = "Examples:\n";
    std::string_view rest = mode.examples;
    while (!rest.empty()) {
        const size_t end = std::min(rest.find('\n'), rest.size());
        text += fmt::format("  {}\n", rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return fmt::format("{}\n{}", text, kExitCodesHelp);
}

// "slavage dump.rdb": a word that is neither a mode nor a file.
bool looks_like_a_mode(std::string_view word) {
    return !word.empty() && word.front() != '-' &&
           word.find_first_of("./") == std::string_view::npos &&
           access(std::string(word).c_str(), F_OK) != 0;
}

int refuse(const Tool& tool, FILE* err, std::string_view why, std::string_view what_helps) {
    print(err, "{}: {}\n{}: {}\n", tool.name, why, tool.name, what_helps);
    return static_cast<int>(Exit::kUsage);
}

int run_mode(const Tool& tool, const Mode& mode, std::vector<std::string> args,
             const Console& console) {
    Options app(fmt::format("{} {}", tool.name, mode.name), std::string(mode.summary));
    app.add_footer(footer_of(mode));
    const Run run = mode.declare(app);
    CommonOptions options;
    add_common_options(tool, mode, app, options);
    const auto help = app.parse(std::move(args));
    if (!help) {
        return refuse(tool, console.err, help.error().what,
                      fmt::format("{} {} --help shows how", tool.name, mode.name));
    }
    if (*help) {
        print(console.out, "{}", **help);
        return end_printing(tool.name, console, 0);
    }
    Session session(console, options, fmt::format("{}.{}/1", tool.name, mode.name));
    const Result<Exit> exit = run(session);
    if (!exit && ferror(console.out) != 0)
        return cannot_print(tool.name, console, exit.error().sys_errno);
    const Exit last =
        exit ? *exit
             : session.output().verdict(exit_of(exit.error(), console.stop), exit.error().what);
    if (ferror(console.out) != 0)
        return cannot_print(tool.name, console, session.output().write_errno());
    return static_cast<int>(last);
}

}  // namespace

int end_printing(std::string_view name, const Console& console, int exit) {
    const int why = fflush(console.out) == 0 ? 0 : errno;
    return ferror(console.out) == 0 ? exit : cannot_print(name, console, why);
}

Exit exit_of(const Error& error, const StopFlag& stop) {
    if (stop.raised()) return Exit::kIncomplete;
    switch (error.code) {
        case ErrorCode::kTruncated:
        case ErrorCode::kCorrupt:
            return Exit::kDamaged;
        case ErrorCode::kUnsupported:
            return Exit::kCannotJudge;
        case ErrorCode::kLimit:
            return Exit::kIncomplete;
        case ErrorCode::kInvalid:
            return Exit::kUsage;
        case ErrorCode::kIo:
        case ErrorCode::kNoSpace:
        case ErrorCode::kNotFound:
        case ErrorCode::kExists:
        case ErrorCode::kPermission:
            break;
    }
    return Exit::kIo;
}

int run_tool(const Tool& tool, const std::vector<std::string>& args, const Console& console) {
    const std::string first = args.empty() ? "--help" : args[0];
    if (first == "--help" || first == "-h" || first == "help") {
        print_overview(tool, args.empty() ? console.err : console.out);
        const Exit exit = args.empty() ? Exit::kUsage : Exit::kClean;
        return end_printing(tool.name, console, static_cast<int>(exit));
    }
    if (first == "--version") {
        print(console.out, "{} {}\n", tool.name, kVersion);
        return end_printing(tool.name, console, 0);
    }
    if (const Mode* mode = find_mode(tool, first)) {
        return run_mode(tool, *mode, {args.begin() + 1, args.end()}, console);
    }
    if (looks_like_a_mode(first)) {
        return refuse(tool, console.err,
                      fmt::format("there is no mode and no file called '{}'", first),
                      fmt::format("{} --help lists the modes", tool.name));
    }
    return run_mode(tool, *find_mode(tool, tool.default_mode), args, console);
}

}  // namespace tidemark::tools
