// Mode salvage: everything of a damaged log that can still be read, around the damage.
#include <fmt/format.h>

#include "base/number.h"
#include "base/shell_word.h"
#include "tools/aof_check/chain_report.h"
#include "tools/aof_check/dump_salvage.h"
#include "tools/aof_check/kept_writer.h"
#include "tools/aof_check/log_options.h"
#include "tools/aof_check/manifest_mend.h"
#include "tools/aof_check/modes.h"
#include "tools/aof_check/repair_report.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::Exit;
using tools::Session;

struct SalvageModeOptions {
    LogOptions log;
    OutputOptions output;
    std::string db_after_gap = "keep";
    Unverified unverified = Unverified::kAuto;
    bool dry_run = false;
};

struct Policy {
    DbAfterGap db_after_gap = DbAfterGap::kKeep;
    int assumed_db = 0;
    Unverified unverified = Unverified::kAuto;
};

Result<Policy> policy_of(const SalvageModeOptions& options) {
    Policy policy;
    policy.unverified = options.unverified;
    if (options.db_after_gap == "park") policy.db_after_gap = DbAfterGap::kPark;
    if (options.db_after_gap == "keep" || options.db_after_gap == "park") return policy;
    const auto db = parse_int64(options.db_after_gap);
    if (!db || *db < 0 || *db >= static_cast<int64_t>(options.log.databases)) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("--db-after-gap {}: keep, park or the number of a database",
                                options.db_after_gap));
    }
    policy.db_after_gap = DbAfterGap::kAssume;
    policy.assumed_db = static_cast<int>(*db);
    return policy;
}

// One file of the log and what is done with it.
struct Salvaged {
    const ChainFile* file = nullptr;
    const FileCheck* check = nullptr;
    std::unique_ptr<LogBytes> bytes;
    std::unique_ptr<HeadOf> counted;    // as many of them as count
    std::unique_ptr<DumpSalvage> dump;  // of a damaged RDB part
    std::unique_ptr<PatchedBytes> patched;
    SalvagePlan plan;
    uint64_t start = 0;    // behind an RDB part
    bool is_whole = true;  // copied as it is
};

class Salvage {
public:
    Salvage(const SalvageModeOptions& options, const Policy& policy, Session& session)
        : options_(options), policy_(policy), session_(session), judge_(options.log.judge()) {}

    Result<Exit> run() {
        chain_ = TM_TRY(options_.log.chain(session_));
        if (chain_.lacks_manifest()) {
            return session_.output().verdict(
                Exit::kDamaged, fmt::format("nothing written: there is no manifest. First: "
                                            "aof-check rebuild-manifest {}",
                                            shell_word(chain_.given)));
        }
        TM_CHECK(mend_the_manifest());
        if (!unclear_.empty()) return say_manifest_is_unclear(unclear_, chain_, session_.output());
        ChainCheckOptions how;
        how.jobs = options_.log.thread_count();
        how.look_behind_damage = false;
        check_ = TM_TRY(check_chain(chain_, judge_, session_, how));
        for (const Finding& finding : check_.findings) report(session_.output(), finding);
        for (size_t i = 0; i < chain_.files.size(); ++i) TM_CHECK(plan_file(i));
        if (report_.mended.empty() && report_.losses.empty() && !has_dump_) {
            return session_.output().verdict(
                check_.cannot_judge ? Exit::kCannotJudge : Exit::kClean,
                fmt::format("nothing is damaged, nothing written: {}", summary_of(chain_, check_)));
        }
        if (chain_.is_single_file() && check_.files[0].is_no_log() &&
            files_[0].plan.kept_records() == 0) {
            return say_no_log(chain_, session_.output());
        }
        if (files_.empty())
            return session_.output().verdict(Exit::kDamaged,
                                             "nothing written: nothing of the log can be kept");
        if (options_.dry_run) return say_plan(report_, session_.output());
        return write();
    }

private:
    Status mend_the_manifest() {
        if (chain_.problems.empty()) return {};
        MendedManifest mended = TM_TRY(mend_manifest(chain_, session_));
        unclear_ = std::move(mended.unclear);
        for (const std::string& one : mended.mended)
            report_.mended.push_back(fmt::format("manifest, {}", one));
        for (const std::string& one : mended.dropped)
            report_.losses.push_back({chain_.manifest_path, 0, 0, one, {}, false});
        chain_ = with_manifest(chain_, std::move(mended.manifest));
        return {};
    }

    Status plan_file(size_t i) {
        const ChainFile& file = chain_.files[i];
        const FileCheck& check = check_.files[i];
        if (!check.is_usable_base && !check.is_damaged_dump()) {
            const std::string why = file.is_there ? "no part of it can be used" : "missing";
            report_.losses.push_back({file.name, 0, file.size, why, {}, false});
            return {};
        }
        Salvaged salvaged;
        salvaged.file = &file;
        salvaged.check = &check;
        salvaged.bytes = TM_TRY(open_log(session_, file));
        salvaged.counted = std::make_unique<HeadOf>(*salvaged.bytes, check.counts);
        salvaged.start = check.preamble.end;
        if (check.is_damaged_dump()) {
            TM_CHECK(take_dump(salvaged));
            // A base that holds nothing is none.
            const bool has_more = !salvaged.file->entry.file.ends_with(".rdb") &&
                                  salvaged.start < salvaged.counted->size();
            if (!salvaged.dump && !has_more) return {};
        }
        salvaged.is_whole = check.fate == Fate::kKept || check.is_opaque();
        if (!salvaged.is_whole) {
            salvaged.patched = std::make_unique<PatchedBytes>(*salvaged.counted);
            SalvageOptions how;
            how.start = salvaged.start;
            how.seals_promised = file.entry.find(aof::kSealsKey).has_value();
            how.unverified = policy_.unverified;
            how.stop = &session_.stop();
            salvaged.plan = TM_TRY(plan_salvage(*salvaged.patched, judge_, how));
            TM_CHECK(note(salvaged));
        }
        has_dump_ |= salvaged.dump != nullptr;
        files_.push_back(std::move(salvaged));
        return {};
    }

    Status take_dump(Salvaged& salvaged) {
        const Error& damage = *salvaged.check->preamble.damage;
        salvaged.start = TM_TRY(find_end_of_dump(
            *salvaged.counted, damage.offset == kNoOffset ? 0 : damage.offset, judge_.names()));
        auto dump = DumpSalvage::create(*salvaged.counted, salvaged.start, session_);
        if (!dump) {
            const bool is_about_the_bytes = dump.error().code == ErrorCode::kCorrupt ||
                                            dump.error().code == ErrorCode::kTruncated;
            if (!is_about_the_bytes) return fail(dump.error());
            // Its first bytes do not even say what it is.
            report_.losses.push_back(
                {salvaged.file->name, 0, salvaged.start, dump.error().what, {}, false, false});
            return {};
        }
        salvaged.dump = std::move(*dump);
        if (options_.dry_run)
            report_.mended.push_back(
                fmt::format("{}: the dump, as rdb-check salvage mends it", salvaged.file->name));
        return {};
    }

    Status note(Salvaged& salvaged) {
        const std::string& name = salvaged.file->name;
        for (const uint64_t at : salvaged.plan.mended) {
            report_.mended.push_back(fmt::format(
                "{}: byte {} was wrong, its seal's checksum tells what it was", name, at));
        }
        for (const Hole& hole : salvaged.plan.holes) {
            Loss loss{name, hole.begin, hole.end, hole.why, {}, hole.never_promised};
            loss.is_torn = hole.kind == HoleKind::kTail && !salvaged.plan.is_sealed;
            loss.what =
                TM_TRY(lost_keys(*salvaged.patched, hole.begin, hole.end, judge_, session_.stop()));
            if (!hole.key_before.empty())
                loss.why +=
                    fmt::format(", behind key \"{}\"", tools::escape_short(hole.key_before));
            if (!hole.key_after.empty())
                loss.why +=
                    fmt::format(", in front of key \"{}\"", tools::escape_short(hole.key_after));
            report_.losses.push_back(std::move(loss));
        }
        if (!salvaged.check->is_damaged_dump() && salvaged.check->fate == Fate::kRefused &&
            salvaged.plan.holes.empty() && salvaged.plan.mended.empty()) {
            report_.losses.push_back({name,
                                      salvaged.check->counts,
                                      salvaged.check->counts,
                                      "the file is shorter than the manifest says",
                                      {},
                                      false});
        }
        for (const Kept& range : salvaged.plan.kept) {
            unverified_ += range.unverified ? range.records : 0;
            db_unknown_ += range.db_unknown ? range.records : 0;
        }
        return {};
    }

    Result<Exit> write() {
        const auto log = TM_TRY(NewLog::create(chain_, options_.output, "salvaged"));
        std::unique_ptr<tools::OutputFile> park;
        if (policy_.db_after_gap == DbAfterGap::kPark && db_unknown_ > 0) {
            park = TM_TRY(tools::OutputFile::create(
                log->path() + ".parked.aof", tools::IfExists::kKeepBackup,
                tools::kOutputBufferBytes, mode_like(chain_.files[0].path)));
        }
        aof::Manifest manifest;
        for (Salvaged& salvaged : files_)
            TM_CHECK(write_file(salvaged, manifest, *log, park.get()));
        if (!chain_.is_single_file()) TM_CHECK(log->add_manifest(manifest));
        if (park) TM_CHECK(park->commit());
        TM_CHECK(log->commit());
        report_repair(report_, *log, session_.output());
        say_what_is_uncertain(*log);
        return repair_verdict(report_, *log, session_.output());
    }

    Status write_file(Salvaged& salvaged, aof::Manifest& manifest, NewLog& log,
                      tools::OutputFile* park) {
        const ChainFile& file = *salvaged.file;
        aof::ManifestEntry entry = file.entry;
        if (!salvaged.is_whole) {
            std::erase_if(entry.extra,
                          [](const auto& pair) { return pair.first == aof::kDurableBytesKey; });
        }
        TM_CHECK(log.add_file(file.name, file.path, [&](const NewLog::Write& write) {
            return salvaged.is_whole ? copy_range(*salvaged.bytes, 0, salvaged.check->counts,
                                                  session_.stop(), write)
                                     : write_parts(salvaged, park, write);
        }));
        TM_CHECK(salvaged.bytes->source().check_unchanged());
        if (file.role == Role::kBase) {
            manifest.base = std::move(entry);
        } else {
            manifest.increments.push_back(std::move(entry));
        }
        return {};
    }

    Status write_parts(Salvaged& salvaged, tools::OutputFile* park, const NewLog::Write& write) {
        TM_CHECK(write_head(salvaged, write));
        KeptOptions how;
        how.db_after_gap = policy_.db_after_gap;
        how.assumed_db = policy_.assumed_db;
        how.park = [&](std::string_view bytes) { return park->write(bytes); };
        parked_ +=
            TM_TRY(write_kept(*salvaged.patched, salvaged.plan, how, session_.stop(), write));
        return {};
    }

    // What stands in front of the records.
    Status write_head(Salvaged& salvaged, const NewLog::Write& write) {
        if (salvaged.dump) return salvaged.dump->write(write, salvaged.file->name, report_);
        if (salvaged.check->is_damaged_dump()) return {};
        return copy_range(*salvaged.bytes, 0, salvaged.start, session_.stop(), write);
    }

    void say_what_is_uncertain(const NewLog& log) {
        tools::Output& output = session_.output();
        if (parked_ > 0) {
            output.line(fmt::format("parked: {} for a database that is not known, in {}.parked.aof",
                                    tools::format_count(parked_, "record"), log.path()));
        } else if (db_unknown_ > 0) {
            output.line(
                fmt::format("uncertain: {} behind a gap that may have held a SELECT; see "
                            "--db-after-gap",
                            tools::format_count(db_unknown_, "record")));
        }
        if (unverified_ > 0) {
            output.line(fmt::format("uncertain: {} that no checksum vouches for; see --unverified",
                                    tools::format_count(unverified_, "record")));
        }
        output.json("uncertain", [&](tools::JsonFile& json) {
            json.StartObject();
            json.Key("db_unknown");
            json.Uint64(db_unknown_);
            json.Key("parked");
            json.Uint64(parked_);
            json.Key("unverified");
            json.Uint64(unverified_);
            json.EndObject();
        });
    }

    const SalvageModeOptions& options_;
    const Policy& policy_;
    Session& session_;
    Judge judge_;
    Chain chain_;
    ChainCheck check_;
    std::vector<Salvaged> files_;
    RepairReport report_;
    std::string unclear_;  // what of the manifest is not ours to guess
    uint64_t unverified_ = 0;
    uint64_t db_unknown_ = 0;
    uint64_t parked_ = 0;
    bool has_dump_ = false;  // one that is written anew
};

}  // namespace

tools::Run declare_salvage(tools::Options& app) {
    auto options = std::make_shared<SalvageModeOptions>();
    add_log_options(app, options->log);
    add_jobs_option(app, options->log);
    add_output_options(app, options->output);
    app.add("--db-after-gap", options->db_after_gap,
            "where records go whose SELECT may be lost: keep (the database from before the "
            "gap), park (a file of their own), or a database's number [keep]");
    const tools::Options::Words<Unverified> unverified = {
        {"auto", Unverified::kAuto}, {"keep", Unverified::kKeep}, {"drop", Unverified::kDrop}};
    app.add("--unverified", options->unverified, unverified,
            "records in a piece whose checksum fails: auto (kept where a hole in it "
            "explains that), keep, drop [auto]")
        .type_name("{auto,keep,drop}");
    app.add_flag("--dry-run", options->dry_run, "say what would be done, write nothing");
    return [options](Session& session) -> Result<Exit> {
        session.output().set_file(options->log.path);
        const Policy policy = TM_TRY(policy_of(*options));
        return Salvage(*options, policy, session).run();
    };
}

}  // namespace tidemark::aof_check
