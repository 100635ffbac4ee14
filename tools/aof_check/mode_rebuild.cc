// Mode rebuild-manifest: writes the manifest of a folder that has lost it, from its files' names
// and contents.
#include <fmt/format.h>

#include "base/shell_word.h"
#include "tools/aof_check/chain_report.h"
#include "tools/aof_check/log_options.h"
#include "tools/aof_check/manifest_rebuild.h"
#include "tools/aof_check/modes.h"
#include "tools/aof_check/new_log.h"
#include "tools/common/output_file.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::Exit;
using tools::Session;

struct RebuildOptions {
    LogOptions log;
    RebuildWish wish;
    bool in_place = false;
    bool dry_run = false;
};

class Rebuild {
public:
    Rebuild(const RebuildOptions& options, Session& session)
        : options_(options), session_(session) {}

    Result<Exit> run() {
        chain_ = TM_TRY(options_.log.chain(session_));
        if (chain_.is_single_file())
            return fail(ErrorCode::kInvalid,
                        "a single file needs no manifest; name the log's folder");
        if (chain_.has_manifest && !options_.in_place && !options_.dry_run) {
            return fail(
                ErrorCode::kExists,
                fmt::format("{} is there: aof-check fix mends it; --in-place writes it anew "
                            "and keeps it as .bak",
                            chain_.manifest_path));
        }
        rebuilt_ = TM_TRY(rebuild_manifest(chain_, session_, options_.wish));
        say();
        if (options_.dry_run)
            return session_.output().verdict(Exit::kDamaged, "nothing written: --dry-run");
        return write();
    }

private:
    void say() {
        tools::Output& output = session_.output();
        for (const std::string& note : rebuilt_.notes) output.line("note: " + note);
        output.line(fmt::format("{}:", chain_.manifest_path));
        const std::string text = aof::format_manifest(rebuilt_.manifest);
        for (size_t at = 0; at < text.size();) {
            const size_t end = text.find('\n', at);
            output.line("  " + tools::escape(text.substr(at, end - at)));
            at = end + 1;
        }
        output.json("notes", [&](tools::JsonFile& json) {
            json.StartArray();
            for (const std::string& note : rebuilt_.notes)
                tools::json_string(json, tools::escape(note));
            json.EndArray();
        });
        output.json("summary", [&](tools::JsonFile& json) {
            json.StartObject();
            json.Key("has_base");
            json.Bool(rebuilt_.manifest.base.has_value());
            json.Key("increments");
            json.Uint64(rebuilt_.manifest.increments.size());
            json.EndObject();
        });
        output.json("manifest",
                    [&](tools::JsonFile& json) { tools::json_string(json, tools::escape(text)); });
    }

    Result<Exit> write() {
        const auto if_exists =
            chain_.has_manifest ? tools::IfExists::kKeepBackup : tools::IfExists::kRefuse;
        const auto file = TM_TRY(tools::OutputFile::create(chain_.manifest_path, if_exists));
        TM_CHECK(file->write(aof::format_manifest(rebuilt_.manifest)));
        TM_CHECK(file->commit());
        copy_owner(chain_.folder, chain_.manifest_path, CopyMode::kNo);
        std::string text = fmt::format("wrote {}; aof-check {} says whether the files are whole",
                                       chain_.manifest_path, shell_word(chain_.given));
        if (!file->backup_path().empty())
            text += fmt::format("; the old one is {}", file->backup_path());
        return session_.output().verdict(Exit::kRepaired, text);
    }

    const RebuildOptions& options_;
    Session& session_;
    Chain chain_;
    RebuiltManifest rebuilt_;
};

}  // namespace

tools::Run declare_rebuild_manifest(tools::Options& app) {
    auto options = std::make_shared<RebuildOptions>();
    add_log_options(app, options->log);
    app.add("--base", options->wish.base, "the base that counts, where there are several");
    app.add("--from-seq", options->wish.from_seq, "the first increment behind the base");
    app.add_flag("--in-place", options->in_place,
                 "although there is a manifest; it is kept as .bak");
    app.add_flag("--dry-run", options->dry_run, "show the manifest, write nothing");
    return [options](Session& session) {
        session.output().set_file(options->log.path);
        return Rebuild(*options, session).run();
    };
}

}  // namespace tidemark::aof_check
