#include "tools/aof_check/compat.h"

#include <fmt/format.h>

#include <thread>

#include "base/number.h"
#include "tools/aof_check/chain_check.h"
#include "tools/aof_check/modes.h"
#include "tools/common/print.h"

namespace tidemark::aof_check {

namespace {

constexpr int kValid = 0;
constexpr int kNotValid = 1;

constexpr const char* kUsage =
    "Usage: redis-check-aof [--fix|--truncate-to-timestamp $timestamp] "
    "<file.manifest|file.aof>\n";

struct Wish {
    bool fix = false;
    std::string timestamp;
    std::string path;
};

std::optional<Wish> wish_of(const std::vector<std::string>& args) {
    Wish wish;
    if (args.size() == 1) {
        wish.path = args[0];
    } else if (args.size() == 2 && args[0] == "--fix") {
        wish.fix = true;
        wish.path = args[1];
    } else if (args.size() == 3 && args[0] == "--truncate-to-timestamp") {
        wish.timestamp = args[1];
        wish.path = args[2];
    } else {
        return std::nullopt;
    }
    return wish;
}

class Compat {
public:
    Compat(Wish wish, FILE* answers, const tools::Console& console)
        : wish_(std::move(wish)), answers_(answers), console_(console) {}

    int run() {
        // Of the modes below only the exit code is wanted, and no progress.
        tools::CommonOptions options;
        options.quiet = true;
        options.force = true;
        tools::Session session(console_, options, "");
        const auto chain = find_chain(wish_.path);
        if (!chain) return say_error(chain.error());
        if (!wish_.timestamp.empty()) return truncate(*chain, session);
        ChainCheckOptions how;
        how.jobs = std::max(1U, std::thread::hardware_concurrency());
        how.look_behind_damage = false;
        const auto check = check_chain(*chain, Judge(), session, how);
        if (!check) return say_error(check.error());
        return chain->is_single_file() ? say_single(*chain, *check) : say_multi(*chain, *check);
    }

private:
    template <class... Args>
    void say(fmt::format_string<Args...> text, Args&&... args) {
        tools::print(console_.out, text, std::forward<Args>(args)...);
    }

    int say_error(const Error& error) {
        tools::print(console_.err, "{}\n", error.what);
        return kNotValid;
    }

    int say_single(const Chain& chain, const ChainCheck& check) {
        say("Start checking Old-Style AOF\n");
        const ChainFile& file = chain.files[0];
        if (file.size == 0) {
            say("AOF {} is empty\n", file.path);
            return kValid;
        }
        if (!say_file(file, check.files[0], check, file.path)) {
            return mend(chain, file.path, file, check.files[0]);
        }
        say("AOF {} is valid\n", file.path);
        return kValid;
    }

    int say_multi(const Chain& chain, const ChainCheck& check) {
        say("Start checking Multi Part AOF\n");
        // The original exits with 0 on an empty manifest; here it is damage like another.
        for (const aof::ManifestProblem& problem : chain.problems) {
            tools::print(console_.err, "Invalid AOF manifest file format: line {}: {}\n",
                         problem.line, problem.what);
        }
        if (!chain.problems.empty()) return kNotValid;
        bool has_incr_line = false;
        for (size_t i = 0; i < chain.files.size(); ++i) {
            const ChainFile& file = chain.files[i];
            const bool is_base = file.role == Role::kBase;
            const bool is_rdb = check.files[i].preamble.end > 0;
            if (is_base) say("Start to check BASE AOF ({} format).\n", is_rdb ? "RDB" : "RESP");
            if (!is_base && !has_incr_line) say("Start to check INCR files.\n");
            has_incr_line |= !is_base;
            const std::string_view kind = is_base ? "BASE" : "INCR";
            if (!file.is_there) {
                tools::print(console_.err, "Cannot open file {}: No such file or directory\n",
                             file.path);
                return kNotValid;
            }
            if (file.size == 0) {
                say("{} AOF {} is empty\n", kind, file.name);
                continue;
            }
            if (!say_file(file, check.files[i], check, file.name)) {
                const bool is_last = i + 1 == chain.files.size();
                if (!is_last && wish_.fix) return say_not_last(file);
                const int status = mend(chain, file.name, file, check.files[i]);
                if (status != kValid) return status;
                continue;
            }
            say("{} AOF {} is valid\n", kind, file.name);
        }
        say("All AOF files and manifest are valid\n");
        return kValid;
    }

    // False: not valid.
    bool say_file(const ChainFile& file, const FileCheck& check, const ChainCheck& all,
                  const std::string& shown) {
        if (check.preamble.end > 0) {
            say("[offset 0] Checking RDB file {}\n", shown);
            say("[offset {}] \\o/ RDB looks OK! \\o/\n", check.preamble.end);
            say("[info] {} keys read\n", check.preamble.keys);
            say("RDB preamble is OK, proceeding with AOF tail...\n");
        }
        if (check.preamble.damage) {
            say("{}\nRDB preamble of AOF file is not sane, aborting.\n",
                check.preamble.damage->what);
            return false;
        }
        const bool valid = check.fate == Fate::kKept;
        for (const Finding& finding : all.findings) {
            const bool of_this =
                finding.file == file.name && row_of(finding.code).level == tools::Level::kError;
            if (!of_this) continue;
            const bool ends_early = finding.code == Code::kTornRecord ||
                                    finding.code == Code::kTornGroup ||
                                    finding.code == Code::kNotLast;
            if (!ends_early) say("AOF {} format error\n", shown);
            say("0x{:16x}: {}\n", finding.begin, finding.what);
            break;
        }
        const uint64_t good = valid ? file.size : check.facts.ending.keep;
        say("AOF analyzed: filename={}, size={}, ok_up_to={}, ok_up_to_line={}, diff={}\n", shown,
            file.size, good, 1 + check.facts.lines, file.size - good);
        return valid;
    }

    int say_not_last(const ChainFile& file) {
        say("Failed to truncate AOF {} because it is not the last file\n", file.path);
        return kNotValid;
    }

    int mend(const Chain& chain, const std::string& shown, const ChainFile& file,
             const FileCheck& check) {
        if (!wish_.fix || check.preamble.damage) {
            say("AOF {} is not valid. Use the --fix option to try fixing it.\n", shown);
            return kNotValid;
        }
        const uint64_t keep = check.facts.ending.keep;
        say("This will shrink the AOF {} from {} bytes, with {} bytes, to {} bytes\n", shown,
            file.size, file.size - keep, keep);
        say("Continue? [y/N]: ");
        fflush(console_.out);
        const int answer = fgetc(answers_);
        if (answer != 'y' && answer != 'Y') {
            say("Aborting...\n");
            return kNotValid;
        }
        const int exit =
            run_tool(tool(), {"fix", "--in-place", "--quiet", "--force", chain.given}, console_);
        const bool done = exit == static_cast<int>(tools::Exit::kRepaired) ||
                          exit == static_cast<int>(tools::Exit::kRepairedWithLoss);
        if (!done) {
            say("Failed to truncate AOF {}\n", shown);
            return kNotValid;
        }
        say("Successfully truncated AOF {}\n", shown);
        return kValid;
    }

    int truncate(const Chain& chain, tools::Session& session) {
        const int exit = run_tool(
            tool(),
            {"until", "--time", wish_.timestamp, "--in-place", "--quiet", "--force", chain.given},
            console_);
        if (exit == static_cast<int>(tools::Exit::kUsage)) {
            say("Truncate nothing in AOF {} to timestamp {}\n", chain.given, wish_.timestamp);
            return kValid;
        }
        if (exit != static_cast<int>(tools::Exit::kClean)) {
            const auto check = check_chain(chain, Judge(), session, {});
            if (check && !check->is_refused()) {
                say("AOF {} has nothing before timestamp {}, aborting...\n", chain.given,
                    wish_.timestamp);
                return kNotValid;
            }
            say("AOF {} is not valid. Use the --fix option to try fixing it.\n", chain.given);
            return kNotValid;
        }
        say("Successfully truncated AOF {} to timestamp {}\n", chain.given, wish_.timestamp);
        if (!chain.is_single_file()) say("All AOF files and manifest are valid\n");
        return kValid;
    }

    Wish wish_;
    FILE* answers_;
    const tools::Console& console_;
};

}  // namespace

int run_redis_check_aof(const std::vector<std::string>& args, FILE* answers,
                        const tools::Console& console) {
    auto wish = wish_of(args);
    if (!wish) {
        tools::print(console.out, "{}", kUsage);
        return kNotValid;
    }
    if (!wish->timestamp.empty() && !parse_int64(wish->timestamp)) {
        tools::print(console.out, "Invalid timestamp, aborting...\n");
        return kNotValid;
    }
    const int exit = Compat(std::move(*wish), answers, console).run();
    return tools::end_printing("redis-check-aof", console, exit) == exit ? exit : kNotValid;
}

}  // namespace tidemark::aof_check
