// Modes fix and salvage: check, then write the dump again. Both restore bytes that checksums tell
// and mend what takes nothing away. salvage leaves out what cannot be read, wherever it is; fix
// does that at the end only, where the file was cut.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "tools/rdb_check/check_setup.h"
#include "tools/rdb_check/diagnosis.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/finding_text.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/reading.h"
#include "tools/rdb_check/rewrite.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::format_bytes;
using tools::format_count;
using tools::IfExists;
using tools::JsonFile;
using tools::Session;

enum class MendKind : uint8_t { kFix, kSalvage };

struct MendOptions {
    MendKind kind = MendKind::kFix;
    std::string file;
    std::string output;
    bool in_place = false;
    bool overwrite = false;
    bool dry_run = false;
    bool no_restore = false;
    bool no_seal = false;
    bool partial = false;
    Duplicates duplicates = Duplicates::kKeepFirst;
    NanMembers nan_members = NanMembers::kGetZero;
    uint64_t databases = 16;
    FilterOptions filter;
};

void write_range(JsonFile& json, const LostRange& range) {
    json.Key("begin");
    json.Uint64(range.begin);
    json.Key("end");
    json.Uint64(range.end);
    if (!range.key.empty()) tools::json_bytes(json, "key", range.key);
}

class Mending {
public:
    Mending(const MendOptions& options, Session& session) : options_(options), session_(session) {}

    Result<Exit> run();

private:
    Result<Diagnosis> diagnose(tools::Source& source);
    Result<Exit> write(tools::Source& source, Diagnosis& diagnosis);
    Status choose_output(const tools::Source& source);
    std::string why_refused(const CheckCounts& counts) const;
    void say_plan(const Diagnosis& diagnosis);
    void say_partial(const RewriteResult& result);
    void say_unfit(const CheckSummary& summary);
    Result<Exit> last_word(const Diagnosis& diagnosis, const RewriteResult& result);
    void say_result(const Diagnosis& diagnosis, const RewriteResult& result,
                    const std::string& lost_path);
    bool must_be_salvaged(const Diagnosis& diagnosis) const;
    bool has_nothing_to_do(const Diagnosis& diagnosis) const;

    const MendOptions& options_;
    Session& session_;
    Filter filter_;
    std::string path_;
    IfExists if_exists_ = IfExists::kRefuse;
};

Result<Diagnosis> Mending::diagnose(tools::Source& source) {
    rdb::Primitives in(source);
    const DumpHead head = TM_TRY(read_dump_head(in));
    FindingOutput found(session_.output());
    found.set_dialect(head.dialect);
    found.set_base_offset(source.base_offset());
    CheckSettings settings = make_settings(session_);
    settings.limits.databases = options_.databases;
    settings.limits.filter = &filter_;
    const auto progress = session_.progress("checking", source.size());
    return rdb_check::diagnose(
        source, head, settings, options_.no_restore ? Restore::kNothing : Restore::kChangedBytes,
        session_.stop(), [&](const rdb::Finding& finding) { found.show(finding); },
        [&](uint64_t done) { progress->update(done); });
}

bool Mending::must_be_salvaged(const Diagnosis& diagnosis) const {
    if (options_.kind == MendKind::kSalvage) return false;
    const CheckCounts& counts = diagnosis.summary.counts;
    if (counts.bad_records() > 0 || counts.keys_from(options_.databases) > 0) return true;
    return counts.gaps > 1 || (counts.gaps == 1 && diagnosis.summary.is_whole);
}

bool Mending::has_nothing_to_do(const Diagnosis& diagnosis) const {
    return options_.kind == MendKind::kFix && diagnosis.repairable == 0 &&
           diagnosis.restored == 0 && !diagnosis.summary.is_damaged() &&
           diagnosis.summary.counts.left_out() == 0;
}

Status Mending::choose_output(const tools::Source& source) {
    if (options_.in_place) {
        path_ = source.replaceable_path();
        if_exists_ = IfExists::kKeepBackup;
        if (!path_.empty()) return {};
        return fail(
            ErrorCode::kInvalid,
            fmt::format("{} cannot be replaced in place; name a file with -o", source.name()));
    }
    path_ = options_.output;
    if (options_.overwrite) if_exists_ = IfExists::kReplace;
    if (!path_.empty() && (session_.is_input(path_) || session_.is_input(path_ + ".lost"))) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("{} would take the place of the input; name another file, or give "
                                "--in-place, which keeps the old one as FILE.bak",
                                path_));
    }
    // Said before the work is done, too.
    for (const std::string& path : {path_, path_ + ".lost"}) {
        if (options_.overwrite || path_.empty() || access(path.c_str(), F_OK) != 0) continue;
        return fail(ErrorCode::kExists,
                    fmt::format("{} exists already; name another file or give --overwrite", path));
    }
    if (!path_.empty() || options_.dry_run) return {};
    return fail(ErrorCode::kInvalid, "where to? Name a new file with -o, or give --in-place");
}

void Mending::say_plan(const Diagnosis& diagnosis) {
    tools::Output& out = session_.output();
    const CheckSummary& summary = diagnosis.summary;
    if (diagnosis.restored > 0) {
        out.line(fmt::format("plan: restore {}", format_count(diagnosis.restored, "changed byte")));
    }
    if (!summary.duplicates.empty()) {
        out.line(fmt::format("plan: {} {}",
                             options_.duplicates == Duplicates::kRename ? "rename" : "leave out",
                             format_count(summary.duplicates.size(), "duplicate")));
    }
    if (summary.counts.nan_keys > 0)
        out.line(fmt::format("plan: {} of {} whose scores are not numbers",
                             options_.nan_members == NanMembers::kGetZero ? "give 0 to members"
                                                                          : "leave out members",
                             format_count(summary.counts.nan_keys, "sorted set")));
    if (summary.counts.lost_bytes > 0 || summary.counts.bad_keys > 0) {
        out.line(fmt::format("plan: leave out {}, and {} that no record holds",
                             format_count(summary.counts.bad_keys, "damaged key"),
                             format_bytes(summary.counts.lost_bytes)));
    }
    if (summary.counts.bad_functions > 0)
        out.line(fmt::format("plan: leave out libraries of functions that no server takes: {}",
                             summary.counts.bad_functions));
    if (const uint64_t count = summary.counts.keys_from(options_.databases); count > 0)
        out.line(fmt::format("plan: put aside {} of dbs from {} on", format_count(count, "key"),
                             options_.databases));
    if (const uint64_t count = summary.counts.left_out(); count > 0)
        out.line(
            fmt::format("plan: pass over {} that were not chosen", format_count(count, "key")));
    out.line(fmt::format("plan: write {} with a checksum that fits",
                         format_count(summary.counts.keys(), "key")));
}

void Mending::say_partial(const RewriteResult& result) {
    tools::Output& out = session_.output();
    const size_t shown = std::min<size_t>(result.partial.size(), tools::kTextFindingsPerCode);
    for (size_t i = 0; i < shown; ++i) {
        const PartialKey& key = result.partial[i];
        out.line(fmt::format("kept in part: key \"{}\" of db {}, {}: the first {}",
                             tools::escape_short(key.range.key), key.db, key.type,
                             format_count(key.kept, key.type == "string" ? "byte" : "element")));
    }
    if (result.partial_keys > shown)
        out.line(fmt::format("and {} more; --json lists them all", result.partial_keys - shown));
}

void Mending::say_unfit(const CheckSummary& summary) {
    tools::Output& out = session_.output();
    const size_t shown = std::min<size_t>(summary.unfit.size(), tools::kTextFindingsPerCode);
    for (size_t i = 0; i < shown; ++i) {
        const UnfitPart& part = summary.unfit[i];
        std::string text = fmt::format("not what was sealed: bytes {} to {}", part.begin, part.end);
        if (part.keys)
            text += fmt::format(", {}, {} of them missing", format_count(*part.keys, "key"),
                                part.missing);
        out.line(text);
    }
    if (summary.unfit.size() > shown)
        out.line(fmt::format("and {} more; --json lists them all", summary.unfit.size() - shown));
    out.json("unfit", [&](JsonFile& json) {
        json.StartArray();
        for (const UnfitPart& part : summary.unfit) {
            json.StartObject();
            write_range(json, {part.begin, part.end, {}, {}});
            if (part.keys) {
                json.Key("keys");
                json.Uint64(*part.keys);
            }
            json.Key("missing");
            json.Uint64(part.missing);
            json.EndObject();
        }
        json.EndArray();
    });
}

void Mending::say_result(const Diagnosis& diagnosis, const RewriteResult& result,
                         const std::string& lost_path) {
    tools::Output& out = session_.output();
    const std::pair<uint64_t, std::string_view> done[] = {
        {diagnosis.summary.counts.left_out(), "keys that were not chosen passed over"},
        {diagnosis.restored, "changed bytes restored from the checksum"},
        {result.partial_keys, "damaged keys kept in part"},
        {result.duplicates_dropped, "duplicates of keys left out"},
        {result.duplicates_renamed, "duplicates of keys renamed"},
        {result.out_of_range, "keys of databases that the server does not have put aside"},
        {result.empty_dropped, "empty collections left out"},
        {result.values_mended, "values written anew, with counts that fit"},
        {result.scores_set, "scores that were not numbers set to 0"},
        {result.members_dropped, "members whose scores were not numbers left out"},
        {result.hints_set, "hints set right"},
        {result.hints_left_out,
         "hints left out, because what they should say is not known in time"},
    };
    for (const auto& [count, what] : done) {
        if (count > 0) out.line(fmt::format("{}: {}", what, count));
    }
    say_partial(result);
    say_unfit(diagnosis.summary);
    if (!lost_path.empty()) {
        out.line(fmt::format("the bytes that were left out are in {}", tools::escape(lost_path)));
    }
    out.json("output", [&](JsonFile& json) { tools::json_string(json, tools::escape(path_)); });
    out.json("summary", [&](JsonFile& json) {
        json.StartObject();
        for (const auto& [name, value] :
             std::map<std::string_view, uint64_t>{{"keys", result.keys},
                                                  {"bytes", result.bytes},
                                                  {"left_out", diagnosis.summary.counts.left_out()},
                                                  {"lost_bytes", result.lost_bytes},
                                                  {"missing_keys", diagnosis.summary.missing_keys},
                                                  {"partial_keys", result.partial_keys},
                                                  {"restored_bytes", diagnosis.restored},
                                                  {"duplicates_dropped", result.duplicates_dropped},
                                                  {"duplicates_renamed", result.duplicates_renamed},
                                                  {"out_of_range", result.out_of_range},
                                                  {"empty_dropped", result.empty_dropped},
                                                  {"values_mended", result.values_mended},
                                                  {"scores_set", result.scores_set},
                                                  {"members_dropped", result.members_dropped},
                                                  {"hints_set", result.hints_set},
                                                  {"hints_left_out", result.hints_left_out}}) {
            tools::json_key(json, name);
            json.Uint64(value);
        }
        json.EndObject();
    });
    out.json("lost", [&](JsonFile& json) {
        json.StartArray();
        for (const LostRange& range : result.lost) {
            json.StartObject();
            write_range(json, range);
            json.EndObject();
        }
        json.EndArray();
    });
    out.json("partial", [&](JsonFile& json) {
        json.StartArray();
        for (const PartialKey& key : result.partial) {
            json.StartObject();
            write_range(json, key.range);
            json.Key("db");
            json.Uint64(key.db);
            tools::json_key(json, "type");
            tools::json_string(json, key.type);
            json.Key("kept");
            json.Uint64(key.kept);
            json.EndObject();
        }
        json.EndArray();
    });
}

Result<Exit> Mending::write(tools::Source& source, Diagnosis& diagnosis) {
    tools::Output& out = session_.output();
    const auto file = TM_TRY(session_.create_file(path_, if_exists_));
    RewriteOptions rewrite;
    rewrite.duplicates = options_.duplicates;
    rewrite.nan_members = options_.nan_members;
    rewrite.databases = options_.databases;
    const bool seals = options_.kind == MendKind::kSalvage || diagnosis.summary.segments > 0;
    rewrite.sealing = seals && !options_.no_seal ? rdb::Sealing::kOn : rdb::Sealing::kOff;
    rewrite.lost_path = path_ + ".lost";
    rewrite.lost_if_exists = if_exists_;
    rewrite.lost_mode = session_.output_mode();
    rewrite.spool_folder = make_settings(session_).spool_folder;
    rewrite.filter = &filter_;
    if (options_.partial) rewrite.damaged = DamagedValues::kKeepPrefix;
    Rewrite writer(*diagnosis.input, diagnosis.summary, *file, rewrite, session_.stop());
    const RewriteResult result = TM_TRY(writer.run());
    TM_CHECK(source.check_unchanged());
    TM_CHECK(session_.stop().check());
    TM_CHECK(file->commit());
    const std::string lost_path = TM_TRY(writer.commit_lost());
    say_result(diagnosis, result, lost_path);
    if (!file->backup_path().empty()) {
        out.line(fmt::format("the old file is {}", tools::escape(file->backup_path())));
    }
    return last_word(diagnosis, result);
}

Result<Exit> Mending::last_word(const Diagnosis& diagnosis, const RewriteResult& result) {
    tools::Output& out = session_.output();
    const CheckSummary& summary = diagnosis.summary;
    const std::string kept =
        fmt::format("{} written to {}", format_count(result.keys, "key"), tools::escape(path_));
    const uint64_t lost = result.lost_bytes;
    const auto unsure = std::count_if(summary.duplicates.begin(), summary.duplicates.end(),
                                      [](const DuplicateKey& pair) { return !pair.is_db_sure; });
    const bool lost_members = result.partial_keys > 0 || result.members_dropped > 0;
    if (lost > 0 || result.duplicates_dropped > 0 || result.out_of_range > 0 || lost_members ||
        unsure > 0 || summary.is_lossy()) {
        std::string text =
            fmt::format("repaired with loss: {}; lost: {} in {}, {}", kept, format_bytes(lost),
                        format_count(result.lost.size(), "range"),
                        format_count(result.duplicates_dropped, "duplicate"));
        if (result.out_of_range > 0)
            text += fmt::format("; {} of dbs from {} on put aside: `--databases N` keeps them",
                                format_count(result.out_of_range, "key"), options_.databases);
        if (result.partial_keys > 0)
            text += fmt::format("; {} kept in part", format_count(result.partial_keys, "key"));
        if (result.members_dropped > 0)
            text += fmt::format("; {} dropped", format_count(result.members_dropped, "member"));
        if (unsure > 0)
            text += fmt::format("; {} whose database is in doubt renamed to NAME:duplicate-at-N",
                                format_count(unsure, "key"));
        if (summary.missing_keys > 0)
            text += fmt::format("; {} missing of what the file announces",
                                format_count(summary.missing_keys, "key"));
        if (!summary.unfit.empty())
            text += fmt::format("; values may be wrong in {}",
                                format_count(summary.unfit.size(), "segment"));
        return out.verdict(Exit::kRepairedWithLoss, text);
    }
    if (out.counts().errors == 0 && diagnosis.repairable == 0) {
        return out.verdict(Exit::kClean, "nothing was wrong: " + kept);
    }
    std::string text = "repaired without loss: " + kept;
    if (!summary.is_whole) text += "; whether more followed where it was cut cannot be told";
    if (summary.checksum == CheckSummary::Checksum::kMismatch)
        text += "; whether their contents are what was saved cannot be told";
    return out.verdict(Exit::kRepaired, text);
}

std::string Mending::why_refused(const CheckCounts& counts) const {
    std::string places;
    if (const uint64_t count = counts.bad_records() + counts.gaps; count > 0)
        places = fmt::format("{}, {} in all", format_count(count, "place"),
                             format_bytes(counts.lost_bytes));
    std::string keys;
    if (const uint64_t count = counts.keys_from(options_.databases); count > 0)
        keys = fmt::format("{} of dbs from {} on (`--databases N` keeps them)",
                           format_count(count, "key"), options_.databases);
    const std::string_view between = places.empty() || keys.empty() ? "" : ", and ";
    return fmt::format(
        "this cannot be mended without leaving out {}{}{}: `rdb-check salvage` does that; nothing "
        "written",
        places, between, keys);
}

Result<Exit> Mending::run() {
    filter_ = TM_TRY(make_filter(options_.filter, now_ms()));
    const auto source = TM_TRY(session_.open(options_.file));
    tools::Output& out = session_.output();
    TM_CHECK(choose_output(*source));
    Diagnosis diagnosis = TM_TRY(diagnose(*source));
    const CheckSummary& summary = diagnosis.summary;
    if (!summary.head.is_known()) {
        return out.verdict(Exit::kCannotJudge,
                           fmt::format("{} is too new, or not a version at all; nothing written",
                                       summary.head.name()));
    }
    if (summary.has_log) {
        return fail(ErrorCode::kInvalid,
                    "this is a log that begins with a dump, and only the dump would be kept: "
                    "`aof-check fix` and `aof-check salvage` mend logs; nothing written");
    }
    if (has_nothing_to_do(diagnosis)) {
        return out.verdict(Exit::kClean, "there is nothing to mend; no file written");
    }
    if (must_be_salvaged(diagnosis)) {
        session_.say_if_fresh(*source);
        return out.verdict(Exit::kDamaged, why_refused(summary.counts));
    }
    if (options_.dry_run) {
        say_plan(diagnosis);
        return out.verdict(out.counts().errors > 0 ? Exit::kDamaged : Exit::kClean,
                           "a plan only: nothing written");
    }
    return write(*source, diagnosis);
}

tools::Run declare(tools::Options& app, MendKind kind) {
    auto options = std::make_shared<MendOptions>();
    options->kind = kind;
    app.add("file", options->file, "the dump; - for standard input").required();
    const auto output = app.add("-o,--output", options->output, "the new file");
    app.add_flag("--in-place", options->in_place, "replace the file; it is kept as FILE.bak")
        .excludes(output);
    app.add_flag("--overwrite", options->overwrite, "replace the new file if it is there");
    app.add_flag("-n,--dry-run", options->dry_run, "say what would be done, and write nothing");
    const tools::Options::Words<Duplicates> policies = {{"first", Duplicates::kKeepFirst},
                                                        {"last", Duplicates::kKeepLast},
                                                        {"rename", Duplicates::kRename}};
    app.add("--duplicates", options->duplicates, policies,
            "of keys that are there twice: keep the first, the last, or rename [first]")
        .type_name("{first,last,rename}");
    const tools::Options::Words<NanMembers> nan_policies = {{"zero", NanMembers::kGetZero},
                                                            {"drop", NanMembers::kLeaveOut}};
    app.add("--nan", options->nan_members, nan_policies,
            "members of sorted sets whose score is not a number: give them 0, or drop them [zero]")
        .type_name("{zero,drop}");
    if (kind == MendKind::kSalvage) {
        app.add_flag("--partial", options->partial,
                     "of damaged values keep what stands in front of the damage");
    }
    app.add_flag("--no-restore", options->no_restore,
                 "do not restore bytes from what the checksum tells");
    app.add_flag("--no-seal", options->no_seal, "write no seals");
    add_databases_option(app, options->databases);
    add_filter_options(app, options->filter);
    return [options](Session& session) { return Mending(*options, session).run(); };
}

}  // namespace

tools::Run declare_fix(tools::Options& app) {
    return declare(app, MendKind::kFix);
}

tools::Run declare_salvage(tools::Options& app) {
    return declare(app, MendKind::kSalvage);
}

}  // namespace tidemark::rdb_check
