// Mode fix: the longest valid beginning of a log, and a manifest that a server takes. What lies
// behind the first damage goes; salvage is the mode that keeps it.
#include <fmt/format.h>

#include "base/shell_word.h"
#include "tools/aof_check/chain_report.h"
#include "tools/aof_check/head_writer.h"
#include "tools/aof_check/log_options.h"
#include "tools/aof_check/manifest_mend.h"
#include "tools/aof_check/modes.h"
#include "tools/aof_check/repair_report.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::Exit;
using tools::Session;

struct FixOptions {
    LogOptions log;
    OutputOptions output;
    bool dry_run = false;
};

class Fix {
public:
    Fix(const FixOptions& options, Session& session)
        : options_(options), session_(session), judge_(options.log.judge()) {}

    Result<Exit> run() {
        chain_ = TM_TRY(options_.log.chain(session_));
        if (chain_.lacks_manifest()) return say_no_manifest();
        TM_CHECK(mend_the_manifest());
        if (!unclear_.empty()) return say_manifest_is_unclear(unclear_, chain_, session_.output());
        ChainCheckOptions how;
        how.jobs = options_.log.thread_count();
        check_ = TM_TRY(check_chain(chain_, judge_, session_, how));
        for (const Finding& finding : check_.findings) report(session_.output(), finding);
        if (chain_.is_single_file() && check_.files[0].is_no_log())
            return say_no_log(chain_, session_.output());
        for (size_t i = 0; i < chain_.files.size() && !is_cut_; ++i) {
            if (!TM_TRY(take(i))) return say_base_is_lost();
        }
        if (report_.mended.empty() && report_.losses.empty()) return say_clean();
        if (heads_.empty())
            return session_.output().verdict(Exit::kDamaged,
                                             "nothing written: nothing of the log can be kept");
        if (options_.dry_run) return say_plan(report_, session_.output());
        const auto log = TM_TRY(NewLog::create(chain_, options_.output, "fixed"));
        TM_CHECK(write_heads(chain_, heads_, session_, *log));
        report_repair(report_, *log, session_.output());
        say_what_salvage_keeps(log->backup_path().empty() ? chain_.given : log->backup_path());
        return repair_verdict(report_, *log, session_.output());
    }

private:
    Status mend_the_manifest() {
        if (chain_.problems.empty()) return {};
        for (const aof::ManifestProblem& problem : chain_.problems) {
            report(session_.output(), {Code::kManifestLine, chain_.manifest_path, 0, 0,
                                       fmt::format("line {}: {}", problem.line,
                                                   tools::escape_short(problem.what, 200))});
        }
        MendedManifest mended = TM_TRY(mend_manifest(chain_, session_));
        unclear_ = std::move(mended.unclear);
        for (const std::string& one : mended.mended)
            report_.mended.push_back(fmt::format("manifest, {}", one));
        for (const std::string& one : mended.dropped)
            report_.losses.push_back({chain_.manifest_path, 0, 0, one, {}, false});
        chain_ = with_manifest(chain_, std::move(mended.manifest));
        return {};
    }

    // Takes as much of file `i` as is valid. False: it is the base and cannot be taken.
    Result<bool> take(size_t i) {
        const ChainFile& file = chain_.files[i];
        const FileCheck& check = check_.files[i];
        HeadFile head{&file, file.entry, check.preamble.end, check.counts, false};
        if (!check.is_usable_base) {
            if (file.role == Role::kBase || (i == 0 && check.is_damaged_dump()))
                return take_log_called_rdb(head);
            TM_CHECK(drop_from(i, file.is_there ? "cannot be read" : "missing"));
            return true;
        }
        if (check.fate == Fate::kKept || check.is_opaque()) {
            heads_.push_back(std::move(head));
            return true;
        }
        const aof::FileEnding& end = check.facts.ending;
        head.keep = end.keep;
        // A record that does not fit, under a good seal: the piece is cut inside.
        head.is_mid_piece = check.facts.is_sealed && end.ending == aof::Ending::kMalformed;
        if (head.keep < check.counts) forget_durable_bytes(head.entry);
        if (end.ending == aof::Ending::kClean || end.ending == aof::Ending::kFill)
            forget_durable_bytes(head.entry);
        TM_CHECK(note_cut(file, check, end));
        heads_.push_back(std::move(head));
        TM_CHECK(drop_from(i + 1, "behind the cut"));
        return true;
    }

    static void forget_durable_bytes(aof::ManifestEntry& entry) {
        std::erase_if(entry.extra,
                      [](const auto& pair) { return pair.first == aof::kDurableBytesKey; });
    }

    Status note_cut(const ChainFile& file, const FileCheck& check, const aof::FileEnding& end) {
        Loss loss{file.name, end.keep, check.counts, end.what, {}, false};
        if (end.what.empty()) loss.why = "the file is shorter than the manifest says";
        loss.never_promised = end.ending == aof::Ending::kTorn;
        loss.is_torn =
            end.ending == aof::Ending::kTruncated || end.ending == aof::Ending::kOpenMulti;
        const auto bytes = TM_TRY(open_log(session_, file));
        loss.what = TM_TRY(lost_keys(*bytes, loss.begin, loss.end, judge_, session_.stop()));
        readable_behind_ += check.readable_behind;
        report_.losses.push_back(std::move(loss));
        return {};
    }

    // Files from `i` on are no continuation of what was kept.
    Status drop_from(size_t i, std::string_view why) {
        is_cut_ = true;
        for (; i < chain_.files.size(); ++i) {
            const ChainFile& file = chain_.files[i];
            Loss loss{file.name, 0, file.size, std::string(why), {}, false};
            loss.never_promised = file.is_there && file.size == 0;
            if (file.is_there && file.size > 0) {
                const auto bytes = TM_TRY(open_log(session_, file));
                loss.what = TM_TRY(lost_keys(*bytes, 0, file.size, judge_, session_.stop()));
                readable_behind_ += loss.what.records;
            }
            report_.losses.push_back(std::move(loss));
            why = "behind the cut";
        }
        return {};
    }

    // A base called .rdb that is a log of commands all the same: redis-server goes by what is in
    // it.
    Result<bool> take_log_called_rdb(HeadFile head) {
        if (!head.file->is_there || head.file->size == 0) return false;
        const auto bytes = TM_TRY(open_log(session_, *head.file));
        FileCheckOptions how;
        how.stop = &session_.stop();
        const FileFacts facts = TM_TRY(check_file(*bytes, judge_, how));
        if (facts.records == 0 || facts.ending.ending != aof::Ending::kClean) return false;
        head.entry.file.replace(head.entry.file.size() - 4, 4, ".aof");
        report_.mended.push_back(fmt::format("{} is a log of commands: called {} now",
                                             head.file->name, head.entry.file));
        heads_.push_back(std::move(head));
        return true;
    }

    void say_what_salvage_keeps(const std::string& path) {
        if (readable_behind_ == 0) return;
        session_.output().line(fmt::format("{} behind the cut can be read: aof-check salvage {}",
                                           tools::format_count(readable_behind_, "record"),
                                           shell_word(path)));
    }

    Result<Exit> say_no_manifest() {
        report(session_.output(), {Code::kNoManifest, chain_.folder, 0, 0, "no manifest"});
        return session_.output().verdict(
            Exit::kDamaged, fmt::format("nothing written: there is no manifest to go by. First: "
                                        "aof-check rebuild-manifest {}",
                                        shell_word(chain_.given)));
    }
    Result<Exit> say_base_is_lost() {
        const ChainFile& base = chain_.files[0];
        return session_.output().verdict(
            Exit::kDamaged,
            fmt::format("nothing written: {} {} {}, and all else builds on it. Put it back; or "
                        "keep {}: aof-check salvage {}",
                        chain_.is_single_file() ? "the dump in" : "the base",
                        tools::escape(base.name), base.is_there ? "is damaged" : "is missing",
                        what_is_left_of_base(check_.files[0]), shell_word(chain_.given)));
    }
    Result<Exit> say_clean() {
        return session_.output().verdict(
            check_.cannot_judge ? Exit::kCannotJudge : Exit::kClean,
            fmt::format("nothing to fix, nothing written: {}", summary_of(chain_, check_)));
    }

    const FixOptions& options_;
    Session& session_;
    Judge judge_;
    Chain chain_;
    ChainCheck check_;
    std::vector<HeadFile> heads_;
    RepairReport report_;
    std::string unclear_;  // what of the manifest is not ours to guess
    uint64_t readable_behind_ = 0;
    bool is_cut_ = false;
};

}  // namespace

tools::Run declare_fix(tools::Options& app) {
    auto options = std::make_shared<FixOptions>();
    add_log_options(app, options->log);
    add_jobs_option(app, options->log);
    add_output_options(app, options->output);
    app.add_flag("--dry-run", options->dry_run, "say what would be done, write nothing");
    return [options](Session& session) {
        session.output().set_file(options->log.path);
        return Fix(*options, session).run();
    };
}

}  // namespace tidemark::aof_check
