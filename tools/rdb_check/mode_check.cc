// Mode check: reads a dump to its end and says everything that is wrong with it.
#include <fmt/format.h>

#include "tools/rdb_check/check_setup.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/finding_text.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/reading.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::format_count;
using tools::JsonFile;
using tools::Session;

constexpr uint64_t kMiB = 1024 * 1024;

struct CheckOptions {
    std::string file;
    unsigned jobs = 0;
    uint64_t memory_mib = kKeyMemoryMiB;
    bool no_dup = false;
    bool ndjson = false;
    uint64_t databases = 16;
    uint64_t errors_max = 0;
    double sample = 1;
    uint64_t stop_after_mib = 0;
    FilterOptions filter;
};

CheckSettings settings_of(const CheckOptions& options, const Filter& filter,
                          const Session& session) {
    CheckSettings settings = make_settings(session);
    settings.limits.databases = options.databases;
    settings.limits.logs_keys = !options.no_dup;
    settings.limits.filter = &filter;
    if (options.jobs != 0) settings.jobs = options.jobs;
    settings.key_memory_bytes = options.memory_mib * kMiB;
    settings.errors_max = options.errors_max;
    if (options.stop_after_mib != 0) settings.stop_after = options.stop_after_mib * kMiB;
    settings.stride = static_cast<size_t>(1 / options.sample + 0.5);
    return settings;
}

std::string_view name_of(CheckSummary::Checksum checksum) {
    switch (checksum) {
        case CheckSummary::Checksum::kNotReached:
            return "not-reached";
        case CheckSummary::Checksum::kNone:
            return "none";
        case CheckSummary::Checksum::kAbsent:
            return "absent";
        case CheckSummary::Checksum::kFits:
            return "fits";
        case CheckSummary::Checksum::kMismatch:
            return "mismatch";
    }
    return "";
}

void write_dbs(JsonFile& json, const CheckCounts& counts) {
    json.StartArray();
    for (const auto& [number, db] : counts.dbs) {
        json.StartObject();
        json.Key("db");
        json.Uint64(number);
        json.Key("keys");
        json.Uint64(db.keys);
        json.Key("with_expiry");
        json.Uint64(db.with_expiry);
        json.Key("expired");
        json.Uint64(db.expired);
        json.EndObject();
    }
    json.EndArray();
}

void write_summary(JsonFile& json, const CheckSummary& summary, const tools::FindingCounts& found) {
    json.StartObject();
    tools::json_key(json, "dialect");
    tools::json_string(json, summary.head.dialect == rdb::Dialect::kValkey ? "valkey" : "redis");
    json.Key("version");
    json.Int(summary.head.version);
    const auto number = [&](const char* name, uint64_t value) {
        json.Key(name);
        json.Uint64(value);
    };
    number("keys", summary.counts.keys());
    number("left_out", summary.counts.left_out());
    number("damaged_keys", summary.counts.bad_keys);
    number("lost_bytes", summary.counts.lost_bytes);
    number("missing_keys", summary.missing_keys);
    number("functions", summary.counts.functions);
    number("module_values", summary.counts.module_values);
    number("segments", summary.segments);
    number("errors", found.errors);
    number("warnings", found.warnings);
    tools::json_key(json, "checksum");
    tools::json_string(json, name_of(summary.checksum));
    json.Key("complete");
    json.Bool(!summary.is_limited);
    json.Key("dbs");
    write_dbs(json, summary.counts);
    json.EndObject();
}

void say_counts(tools::Output& out, const CheckSummary& summary) {
    for (const auto& [number, db] : summary.counts.dbs) {
        if (db.keys == 0) continue;
        out.line(fmt::format("db {}: {}, {} with an expiry ({} of them over)", number,
                             format_count(db.keys, "key"), db.with_expiry, db.expired));
    }
}

// "3 keys", or "3 of 10 keys" where a filter left some out.
std::string keys_looked_at(const CheckCounts& counts) {
    if (counts.left_out() == 0) return format_count(counts.keys(), "key");
    return fmt::format("{} of {}", counts.keys(),
                       format_count(counts.keys() + counts.left_out(), "key"));
}

std::string what_is_there(const CheckSummary& summary) {
    std::string text = fmt::format("{}, {}", keys_looked_at(summary.counts), summary.head.name());
    if (summary.segments > 0)
        text += fmt::format(", {} sealed", format_count(summary.segments, "segment"));
    if (summary.checksum == CheckSummary::Checksum::kFits) text += ", the checksum fits";
    return text;
}

std::string what_helps(const CheckSummary& summary, uint64_t databases, const std::string& file) {
    const bool is_lossless = !summary.changed.empty() ||
                             (summary.counts.gaps + summary.counts.bad_records() == 0 &&
                              !summary.is_lossy() && summary.counts.keys_from(databases) == 0);
    const std::string name = file.find_first_of(" '\"\\") == std::string::npos ? file : "FILE";
    if (summary.has_log) return fmt::format("`aof-check fix {}` mends logs", name);
    return fmt::format("`rdb-check {} {} -o NEW.rdb` {}", is_lossless ? "fix" : "salvage", name,
                       is_lossless ? "mends it" : "writes what can be read");
}

struct LastWord {
    Exit exit = Exit::kClean;
    std::string sentence;
};

LastWord last_word(const CheckSummary& summary, const FindingOutput& found, uint64_t databases,
                   bool is_strict, const std::string& file) {
    const std::string counts = fmt::format("{}, {}", format_count(found.errors(), "error"),
                                           format_count(found.warnings(), "warning"));
    const std::string damage =
        fmt::format("damaged: {}; {} can be read; {}", counts, keys_looked_at(summary.counts),
                    what_helps(summary, databases, file));
    // Which of the other codes is the right one, what was not looked at decides.
    if (summary.is_limited) {
        return {Exit::kIncomplete,
                fmt::format("not all of it was looked at; so far {}",
                            found.errors() > 0 ? damage : "clean: " + what_is_there(summary))};
    }
    if (found.cannot_judge()) {
        return {Exit::kCannotJudge, fmt::format("cannot be judged: {}", counts)};
    }
    if (found.errors() > 0) return {Exit::kDamaged, damage};
    if (summary.counts.module_values > 0) {
        return {Exit::kCannotJudge,
                fmt::format("nothing wrong, but {} of modules cannot be judged: {}",
                            format_count(summary.counts.module_values, "value"),
                            what_is_there(summary))};
    }
    if (found.warnings() == 0) return {Exit::kClean, "clean: " + what_is_there(summary)};
    return {is_strict ? Exit::kWarnings : Exit::kClean,
            fmt::format("clean, with {}: {}", format_count(found.warnings(), "warning"),
                        what_is_there(summary))};
}

Result<Exit> run_check(const CheckOptions& options, Session& session) {
    if (options.ndjson && session.options().json)
        return fail(ErrorCode::kInvalid, "--ndjson excludes --json");
    if (options.ndjson) session.stream_json();
    const Filter filter = TM_TRY(make_filter(options.filter, now_ms()));
    const auto source = TM_TRY(session.open(options.file));
    tools::Output& out = session.output();
    rdb::Primitives in(*source);
    const DumpHead head = TM_TRY(read_dump_head(in));
    FindingOutput found(out);
    found.set_dialect(head.dialect);
    found.set_base_offset(source->base_offset());
    const auto progress = session.progress("checking", source->size());
    CheckRun run(
        *source, head, settings_of(options, filter, session), session.stop(),
        [&](const rdb::Finding& finding) { found.show(finding); },
        [&](uint64_t done) { progress->update(done); });
    const CheckSummary summary = TM_TRY(run.run());
    if (source->unpack_error()) {
        rdb::Finding finding;
        finding.code = rdb::FindingCode::kTruncated;
        finding.begin = finding.end = source->size();
        finding.what = source->unpack_error()->what;
        found.show(finding);
    }
    TM_CHECK(source->check_unchanged());
    if (!source->origin().empty()) out.line(fmt::format("({})", source->origin()));
    say_counts(out, summary);
    out.json("summary", [&](JsonFile& json) { write_summary(json, summary, out.counts()); });
    LastWord word =
        last_word(summary, found, options.databases, session.options().strict, source->name());
    if (word.exit == Exit::kDamaged) session.say_if_fresh(*source);
    if (options.no_dup) word.sentence += "; keys that are there twice were not looked for";
    return out.verdict(word.exit, word.sentence);
}

}  // namespace

tools::Run declare_check(tools::Options& app) {
    auto options = std::make_shared<CheckOptions>();
    app.add("file", options->file, "the dump; - for standard input").required();
    app.add("-j,--jobs", options->jobs, "threads [as many as there are cores]").between(1U, 256U);
    app.add_flag("--ndjson", options->ndjson,
                 "a JSON document a finding and line, then one with the verdict");
    app.add_flag("--no-dup", options->no_dup, "do not look for keys that are there twice");
    app.add("--mem", options->memory_mib,
            "MiB of memory for that; what is more goes to a temporary file")
        .between(1U, 1U << 20)
        .show_default();
    add_databases_option(app, options->databases);
    app.add("--max-errors", options->errors_max, "stop after so many errors [never]")
        .between(1, UINT64_MAX);
    app.add("--sample", options->sample, "look at a part only: 0.1 is a tenth").within(1e-6, 1.0);
    app.add("--stop-after", options->stop_after_mib, "stop after so many MiB [never]")
        .between(1, UINT64_MAX / kMiB);
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run_check(*options, session); };
}

}  // namespace tidemark::rdb_check
