// Mode check: reads a whole log and says everything that is wrong with it, and what a server would
// make of it.
#include <fmt/format.h>

#include "base/shell_word.h"
#include "tools/aof_check/chain_report.h"
#include "tools/aof_check/log_options.h"
#include "tools/aof_check/modes.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::Exit;
using tools::Session;

std::string what_helps(const Chain& chain, const ChainCheck& check) {
    const std::string path = shell_word(chain.given);
    if (chain.lacks_manifest()) return fmt::format("aof-check rebuild-manifest {}", path);
    uint64_t behind = 0;
    const FileCheck* lost_base = nullptr;
    for (size_t i = 0; i < check.files.size(); ++i) {
        behind += check.files[i].readable_behind;
        if (!check.files[i].is_usable_base && lost_base == nullptr) lost_base = &check.files[i];
    }
    if (lost_base != nullptr)
        return fmt::format("aof-check salvage {} keeps {}", path, what_is_left_of_base(*lost_base));
    if (chain.is_single_file() && check.files[0].is_no_log()) return "nothing: it is no log at all";
    if (behind == 0) return fmt::format("aof-check fix {}", path);
    return fmt::format(
        "aof-check fix {} ends it there, aof-check salvage {} also keeps {} behind it", path, path,
        tools::format_count(behind, "record"));
}

Exit judge(const Chain& chain, const ChainCheck& check, Session& session) {
    tools::Output& output = session.output();
    if (check.is_refused()) {
        return output.verdict(Exit::kDamaged,
                              fmt::format("damaged, a server refuses to start: {}. What helps: {}",
                                          first_trouble(check), what_helps(chain, check)));
    }
    if (check.is_cut()) {
        return output.verdict(
            Exit::kDamaged,
            fmt::format("damaged at its end, a server starts without the last {}: {}. What "
                        "helps: aof-check fix {}",
                        tools::format_count(check.bytes_cut(chain), "byte"), first_trouble(check),
                        shell_word(chain.given)));
    }
    if (check.cannot_judge)
        return output.verdict(Exit::kCannotJudge,
                              fmt::format("cannot be judged: the base is newer than this program, "
                                          "or a module's; all else is clean: {}",
                                          summary_of(chain, check)));
    if (output.counts().warnings > 0) {
        return output.verdict(session.options().strict ? Exit::kWarnings : Exit::kClean,
                              fmt::format("clean, with {}: {}",
                                          tools::format_count(output.counts().warnings, "warning"),
                                          summary_of(chain, check)));
    }
    return output.verdict(Exit::kClean, fmt::format("clean: {}", summary_of(chain, check)));
}

Result<Exit> run_check(const LogOptions& options, Session& session) {
    session.output().set_file(options.path);
    const Chain chain = TM_TRY(options.chain(session));
    ChainCheckOptions how;
    how.jobs = options.thread_count();
    const ChainCheck check = TM_TRY(check_chain(chain, options.judge(), session, how));
    report_chain(chain, check, session.output());
    return judge(chain, check, session);
}

}  // namespace

tools::Run declare_check(tools::Options& app) {
    auto options = std::make_shared<LogOptions>();
    add_log_options(app, *options);
    add_jobs_option(app, *options);
    return [options](Session& session) { return run_check(*options, session); };
}

}  // namespace tidemark::aof_check
