// Mode export: a dump's data in a form that other programs read.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "aof/codec/manifest.h"
#include "tools/common/output_file.h"
#include "tools/common/output_folder.h"
#include "tools/rdb_check/exporter.h"
#include "tools/rdb_check/filter_options.h"
#include "tools/rdb_check/modes.h"
#include "tools/rdb_check/reading.h"

namespace tidemark::rdb_check {

namespace {

using tools::Exit;
using tools::Session;

enum class ExportFormat : uint8_t { kJson, kNdjson, kResp, kAof, kCsv };

struct ExportOptions {
    std::string file;
    std::string output;  // empty, "-": standard output
    ExportFormat format = ExportFormat::kNdjson;
    bool replace = false;
    bool overwrite = false;
    FilterOptions filter;
};

std::unique_ptr<Exporter> make_exporter(const ExportOptions& options, OutBuffer& out,
                                        rdb::Input& input) {
    const ExistingKeys existing = options.replace ? ExistingKeys::kReplace : ExistingKeys::kExtend;
    switch (options.format) {
        case ExportFormat::kJson:
            return make_json_exporter(out, JsonFrame::kArray);
        case ExportFormat::kNdjson:
            return make_json_exporter(out, JsonFrame::kLines);
        case ExportFormat::kCsv:
            return make_csv_exporter(out);
        case ExportFormat::kResp:
        case ExportFormat::kAof:
            break;
    }
    return make_resp_exporter(out, input, existing);
}

struct Exported {
    uint64_t keys = 0;
    Exporter::LeftOut left_out;
};

Result<Exported> export_to(rdb::ByteSink& to, const ExportOptions& options, tools::Source& source,
                           const Filter& filter, Session& session) {
    OutBuffer out(to);
    const std::unique_ptr<Exporter> exporter = make_exporter(options, out, source);
    exporter->begin();
    const Reading reading = TM_TRY(read_selected(session, source, filter, *exporter, "exporting"));
    exporter->finish();
    TM_CHECK(out.flush());
    return Exported{reading.selected, exporter->left_out()};
}

// A log's folder: what there is as its base, in the form of commands, and an empty increment.
Result<Exported> export_log(const ExportOptions& options, tools::Source& source,
                            const Filter& filter, Session& session) {
    constexpr std::string_view kName = "appendonly.aof";
    const auto folder = TM_TRY(tools::OutputFolder::create(options.output));
    aof::Manifest manifest;
    manifest.base = aof::ManifestEntry{fmt::format("{}.1.base.aof", kName), 1, {}};
    manifest.increments = {{aof::increment_name(kName, 1), 1, {}}};
    const auto create = [&](const std::string& name) {
        return session.create_file(folder->place_of(name), tools::IfExists::kRefuse);
    };
    const auto base = TM_TRY(create(manifest.base->file));
    const Exported exported = TM_TRY(export_to(*base, options, source, filter, session));
    TM_CHECK(base->commit());
    TM_CHECK(TM_TRY(create(manifest.increments[0].file))->commit());
    const auto list = TM_TRY(create(fmt::format("{}.manifest", kName)));
    TM_CHECK(list->write(aof::format_manifest(manifest)));
    TM_CHECK(list->commit());
    TM_CHECK(folder->commit());
    return exported;
}

Result<Exported> export_file(const ExportOptions& options, tools::Source& source,
                             const Filter& filter, Session& session) {
    const auto file = TM_TRY(session.create_file(
        options.output, options.overwrite ? tools::IfExists::kReplace : tools::IfExists::kRefuse));
    const Exported exported = TM_TRY(export_to(*file, options, source, filter, session));
    TM_CHECK(file->commit());
    return exported;
}

bool goes_to_stdout(const ExportOptions& options) {
    return options.output.empty() || options.output == "-";
}

Result<Exported> run_export(const ExportOptions& options, tools::Source& source,
                            const Filter& filter, Session& session) {
    if (options.format == ExportFormat::kAof) return export_log(options, source, filter, session);
    if (!goes_to_stdout(options)) return export_file(options, source, filter, session);
    StreamSink out(session.console().out);
    const Exported exported = TM_TRY(export_to(out, options, source, filter, session));
    TM_CHECK(out.flush());
    return exported;
}

Result<Exit> run(const ExportOptions& options, Session& session) {
    if (goes_to_stdout(options)) session.speak_on_stderr();
    if (options.format == ExportFormat::kAof && goes_to_stdout(options))
        return fail(ErrorCode::kInvalid, "a log is a folder: name it with --output");
    const Filter filter = TM_TRY(make_filter(options.filter, now_ms()));
    const auto source = TM_TRY(session.open(options.file));
    const Exported exported = TM_TRY(run_export(options, *source, filter, session));
    std::string what = fmt::format("{} exported", tools::format_count(exported.keys, "key"));
    const auto leave = [&](uint64_t count, std::string_view noun) {
        if (count > 0) what += fmt::format("; not in it: {}", tools::format_count(count, noun));
    };
    leave(exported.left_out.libraries, "library source");
    leave(exported.left_out.groups, "stream group");
    leave(exported.left_out.module_values, "module value");
    const bool is_judged = exported.left_out.module_values == 0;
    return session.output().verdict(is_judged ? Exit::kClean : Exit::kCannotJudge, what);
}

}  // namespace

tools::Run declare_export(tools::Options& app) {
    const tools::Options::Words<ExportFormat> formats = {{"json", ExportFormat::kJson},
                                                         {"ndjson", ExportFormat::kNdjson},
                                                         {"resp", ExportFormat::kResp},
                                                         {"aof", ExportFormat::kAof},
                                                         {"csv", ExportFormat::kCsv}};
    auto options = std::make_shared<ExportOptions>();
    app.add("file", options->file, "the dump; - for standard input").required();
    app.add("--format", options->format, formats,
            "json, ndjson (a key a line), resp (commands), aof (a log's folder) or csv "
            "[ndjson]")
        .type_name("FORMAT");
    app.add("-o,--output", options->output, "file, or with aof a folder [standard output]")
        .type_name("PATH");
    app.add_flag("--replace", options->replace,
                 "resp: commands that delete a key first, and replace libraries");
    app.add_flag("--overwrite", options->overwrite, "replace the output if it exists");
    add_filter_options(app, options->filter);
    return [options](Session& session) { return run(*options, session); };
}

}  // namespace tidemark::rdb_check
