// Mode report: what a dump holds, what is large in it, what of it goes away.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "rdb/codec/format.h"
#include "tools/common/output_file.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/report/csv.h"
#include "tools/rdb_check/report/measure.h"
#include "tools/rdb_check/report/read_keys.h"
#include "tools/rdb_check/report/report.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::OutputFile;
using tools::Session;
using tools::Source;

constexpr std::string_view kStdout = "-";
constexpr int64_t kTimeEndS = 253'402'300'799;  // the year 9999

struct ReportOptions {
    std::string file;
    std::string html;
    std::string csv;
    std::string keys_csv;
    size_t top = 20;
    PrefixOptions prefixes;
    bool fold_ids = false;
    bool overwrite = false;
    FilterOptions filter;
};

// Where one of the outputs goes: a file that is there whole or not at all, or stdout.
class Destination final : public rdb::ByteSink {
public:
    static Result<std::unique_ptr<Destination>> open(const std::string& path,
                                                     const ReportOptions& options,
                                                     const Session& session) {
        auto destination = std::make_unique<Destination>();
        if (path == kStdout) {
            destination->out_ = session.console().out;
        } else {
            destination->file_ = TM_TRY(session.create_file(
                path, options.overwrite ? tools::IfExists::kReplace : tools::IfExists::kRefuse));
        }
        return destination;
    }
    Status write(std::string_view bytes) override {
        if (file_) return file_->write(bytes);
        if (fwrite(bytes.data(), 1, bytes.size(), out_) == bytes.size()) return {};
        return fail(system_error(errno, "cannot write to standard output"));
    }
    Status commit() {
        if (file_) return file_->commit();
        if (fflush(out_) == 0) return {};
        return fail(system_error(errno, "cannot write to standard output"));
    }

private:
    std::unique_ptr<OutputFile> file_;
    FILE* out_ = nullptr;
};

// Opened before the dump is read through: who misspells a folder hears of it at once.
struct Destinations {
    std::unique_ptr<Destination> html;
    std::unique_ptr<Destination> csv;
    std::unique_ptr<Destination> keys;
};

Status choose_stdout(const ReportOptions& options, Session& session) {
    int to_stdout = session.options().json ? 1 : 0;
    for (const std::string* path : {&options.html, &options.csv, &options.keys_csv})
        to_stdout += *path == kStdout ? 1 : 0;
    if (to_stdout > 1) return fail(ErrorCode::kInvalid, "only one output can go to stdout");
    if (to_stdout == 1 && !session.options().json) session.speak_on_stderr();
    return {};
}

Result<Destinations> open_destinations(const ReportOptions& options, const Session& session) {
    const auto open = [&](const std::string& path) {
        return Destination::open(path, options, session);
    };
    Destinations to;
    if (!options.html.empty()) to.html = TM_TRY(open(options.html));
    if (!options.csv.empty()) to.csv = TM_TRY(open(options.csv));
    if (!options.keys_csv.empty()) to.keys = TM_TRY(open(options.keys_csv));
    return to;
}

Status write_to(Destination& to, const std::string& text) {
    TM_CHECK(to.write(text));
    return to.commit();
}

Exit exit_after(const ReadOutcome& outcome, const Session& session) {
    if (outcome.damaged_keys > 0) return Exit::kDamaged;
    return outcome.ended ? exit_of(*outcome.ended, session.stop()) : Exit::kClean;
}

Exit tell_verdict(const Report& report, Exit exit, Session& session) {
    const Amounts& all = report.statistics.all();
    const std::string keys = fmt::format("{}, {}", tools::format_count(all.keys, "key"),
                                         tools::format_bytes(all.file_bytes));
    if (!report.incomplete.empty()) {
        return session.output().verdict(
            exit, fmt::format("incomplete after {}: {}", keys, report.incomplete));
    }
    if (session.options().strict && report.file.warnings > 0) exit = Exit::kWarnings;
    return session.output().verdict(exit, "reported: " + keys);
}

// What was asked for, in the words of an expression.
std::string filter_text(const FilterOptions& options) {
    std::vector<std::string> tests = options.where;
    const auto add = [&tests](const char* field, const std::string& value) {
        if (!value.empty()) tests.push_back(fmt::format("{}={}", field, value));
    };
    add("db", options.db);
    add("type", options.type);
    add("key", fmt::to_string(fmt::join(options.keys, " or ")));
    add("regex", fmt::to_string(fmt::join(options.regexes, " or ")));
    add("size", options.size);
    add("elements", options.elements);
    add("ttl", options.ttl);
    add("idle", options.idle);
    add("freq", options.freq);
    add("slot", options.slot);
    return fmt::to_string(fmt::join(tests, " and "));
}

// "REDIS0011", when the file begins like a dump.
std::string format_of(Source& source) {
    char head[rdb::kHeadBytes];
    const auto read = source.read_at(head, sizeof head, 0);
    const std::string_view text(head, read.value_or(0));
    const bool is_dump = text.starts_with(rdb::kRedisMagic) || text.starts_with(rdb::kValkeyMagic);
    return is_dump ? tools::escape(text) : std::string();
}

StatisticsOptions statistics_options(const ReportOptions& options, int64_t now_ms) {
    StatisticsOptions wanted{options.top, options.prefixes, now_ms};
    if (options.fold_ids) wanted.prefixes.fold_ids = FoldIds::kYes;
    return wanted;
}

Result<Exit> run_report(const ReportOptions& options, Session& session) {
    SystemClock clock;
    const int64_t now_s = options.filter.now_s.value_or(clock.unix_us() / 1'000'000);
    const int64_t now_ms = std::clamp(now_s, int64_t{0}, kTimeEndS) * 1000;
    const Filter filter = TM_TRY(make_filter(options.filter, now_ms));
    TM_CHECK(choose_stdout(options, session));
    const auto source = TM_TRY(session.open(options.file));
    Destinations to = TM_TRY(open_destinations(options, session));

    Statistics statistics(statistics_options(options, now_ms));
    std::optional<KeyRows> rows;
    if (to.keys) TM_CHECK(rows.emplace(*to.keys).write_head());
    Measure measure(filter, [&](const KeyFigures& key, const FileFacts& file) -> Status {
        if (file.created_at_s) statistics.set_created_ms(*file.created_at_s * 1000);
        statistics.add(key);
        return rows ? rows->write(key) : Status{};
    });
    const ReadOutcome outcome = TM_TRY(read_keys(*source, measure, session));
    TM_CHECK(source->check_unchanged());

    FileFacts file = measure.file();
    file.file_bytes = source->size();
    file.format = format_of(*source);
    const Report report{source->name(), outcome.incomplete(), filter_text(options.filter), file,
                        statistics};
    write_text(report, session.output());
    write_json(report, session.output());
    if (to.html) TM_CHECK(write_to(*to.html, page_of(report)));
    if (to.csv) TM_CHECK(write_to(*to.csv, csv_of(report)));
    if (to.keys) TM_CHECK(to.keys->commit());
    return tell_verdict(report, exit_after(outcome, session), session);
}

}  // namespace

tools::Run declare_report(tools::Options& app) {
    auto options = std::make_shared<ReportOptions>();
    app.add("file", options->file, "the dump; - for standard input").required();
    app.add("--html", options->html, "write one page that needs no network; - for stdout");
    app.add("--csv", options->csv, "write the report's tables; - for stdout");
    app.add("--keys-csv", options->keys_csv, "write a row for each key; - for stdout");
    app.add_flag("--overwrite", options->overwrite, "replace these files where they exist");
    app.add("--top", options->top, "length of the lists of largest keys")
        .show_default()
        .between(size_t{1}, kTopKeysMax);
    app.add("--separator", options->prefixes.separator, "what ends a prefix; empty for no prefixes")
        .show_default();
    app.add("--levels", options->prefixes.levels_max, "how deep prefixes are followed")
        .show_default()
        .between(size_t{1}, kPrefixLevelsMax);
    app.add("--prefixes", options->prefixes.nodes_max,
            "how many prefixes are kept, at 250 bytes each; exact up to then")
        .show_default()
        .between(kPrefixNodesMin, kPrefixNodesMax);
    app.add_flag("--fold-ids", options->fold_ids,
                 "take numbers and UUIDs in keys as *: user:*:cart");
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run_report(*options, session); };
}

}  // namespace tidemark::rdb_check
