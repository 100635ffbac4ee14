// Mode rebuild-manifest: writes the manifest of a folder that has lost it, from its files' names
// and contents.
//
// One base and the increments behind it are unambiguous. What is not is asked back, not guessed:
// - several bases: --base says which;
// - increments from before the base (an interrupted rewrite left them): known by their time of last
//   change against the base's own date. With --from-seq the user says where they begin.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/shell_word.h"
#include "tools/aof_check/chain_report.h"
#include "tools/aof_check/file_check.h"
#include "tools/aof_check/log_options.h"
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
    std::string base;
    uint64_t from_seq = 0;
    bool in_place = false;
    bool dry_run = false;
};

struct Candidate {
    std::string name;
    std::string path;
    uint64_t seq = 0;
    uint64_t size = 0;
    int64_t changed_at = 0;
    bool is_sealed = false;
};

class Rebuild {
public:
    Rebuild(const RebuildOptions& options, Session& session)
        : options_(options), session_(session) {}

    Result<Exit> run() {
        chain_ = TM_TRY(options_.log.chain());
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
        TM_CHECK(collect());
        TM_CHECK(choose_base());
        TM_CHECK(choose_increments());
        say();
        if (options_.dry_run)
            return session_.output().verdict(Exit::kDamaged, "nothing written: --dry-run");
        return write();
    }

private:
    Status collect() {
        std::vector<std::string> names;
        for (const Leftover& one : chain_.leftovers) names.push_back(one.name);
        for (const ChainFile& file : chain_.files) names.push_back(file.name);
        for (const ChainFile& file : chain_.history) names.push_back(file.name);
        for (const std::string& name : names) {
            const auto said = aof::parse_log_file_name(name, chain_.appendfilename);
            struct stat status {};
            const std::string path = chain_.path_of(name);
            if (!said || said->seq == 0 || stat(path.c_str(), &status) != 0) continue;
            Candidate one{
                name, path, said->seq, static_cast<uint64_t>(status.st_size), status.st_mtim.tv_sec,
                false};
            one.is_sealed = TM_TRY(begins_with_seal(one));
            (said->is_base ? bases_ : increments_).push_back(std::move(one));
        }
        const auto by_seq = [](const Candidate& a, const Candidate& b) { return a.seq < b.seq; };
        std::sort(bases_.begin(), bases_.end(), by_seq);
        std::sort(increments_.begin(), increments_.end(), by_seq);
        return {};
    }

    Result<bool> begins_with_seal(const Candidate& one) {
        const auto bytes = TM_TRY(open_log(session_, one.path));
        char head[aof::kSealPrefix.size()];
        const size_t got = TM_TRY(bytes->read_at(head, sizeof head, 0));
        return std::string_view(head, got) == aof::kSealPrefix;
    }

    Status choose_base() {
        if (!options_.base.empty()) {
            std::erase_if(bases_, [&](const Candidate& one) { return one.name != options_.base; });
            if (bases_.empty())
                return fail(ErrorCode::kInvalid,
                            fmt::format("--base: there is no base {}", options_.base));
        }
        if (bases_.size() > 1) {
            return fail(ErrorCode::kInvalid,
                        fmt::format("{} and {} are both bases; --base says which counts (the newer "
                                    "one, if it is whole)",
                                    bases_[0].name, bases_.back().name));
        }
        if (bases_.empty() || bases_[0].size == 0) return {};
        const auto bytes = TM_TRY(open_log(session_, bases_[0].path));
        const Preamble preamble = TM_TRY(read_preamble(bytes->source(), session_.stop(), {}));
        made_at_ = preamble.made_at;
        if (preamble.damage)
            notes_.push_back(fmt::format("the base is damaged: {}", preamble.damage->what));
        return {};
    }

    // The base was begun when its first increment was opened, so what was last written before that
    // is in it already.
    Status choose_increments() {
        for (const Candidate& one : increments_) {
            const bool is_last = one.seq == increments_.back().seq;
            const bool told = options_.from_seq != 0;
            const bool is_older =
                made_at_ && one.changed_at < *made_at_ && !is_last && one.size > 0;
            if (told ? one.seq < options_.from_seq : is_older) {
                notes_.push_back(fmt::format("{} is left out: {}", one.name,
                                             told ? "--from-seq"
                                                  : "last written before the base was made, so the "
                                                    "base holds it (--from-seq takes it in)"));
                continue;
            }
            aof::ManifestEntry entry;
            entry.file = one.name;
            entry.seq = one.seq;
            if (one.is_sealed) entry.set(aof::kSealsKey, "1");
            manifest_.increments.push_back(std::move(entry));
        }
        if (!bases_.empty()) {
            manifest_.base.emplace();
            manifest_.base->file = bases_[0].name;
            manifest_.base->seq = bases_[0].seq;
        } else {
            notes_.push_back("there is no base: if there was one, its keys are missing");
        }
        if (!manifest_.base && manifest_.increments.empty())
            return fail(ErrorCode::kNotFound,
                        fmt::format("{} holds no file of a log", chain_.folder));
        return {};
    }

    void say() {
        tools::Output& output = session_.output();
        for (const std::string& note : notes_) output.line("note: " + note);
        output.line(fmt::format("{}:", chain_.manifest_path));
        const std::string text = aof::format_manifest(manifest_);
        for (size_t at = 0; at < text.size();) {
            const size_t end = text.find('\n', at);
            output.line("  " + tools::escape(text.substr(at, end - at)));
            at = end + 1;
        }
        output.json("notes", [&](tools::JsonFile& json) {
            json.StartArray();
            for (const std::string& note : notes_) tools::json_string(json, tools::escape(note));
            json.EndArray();
        });
        output.json("manifest",
                    [&](tools::JsonFile& json) { tools::json_string(json, tools::escape(text)); });
    }

    Result<Exit> write() {
        const auto if_exists =
            chain_.has_manifest ? tools::IfExists::kKeepBackup : tools::IfExists::kRefuse;
        const auto file = TM_TRY(tools::OutputFile::create(chain_.manifest_path, if_exists));
        TM_CHECK(file->write(aof::format_manifest(manifest_)));
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
    std::vector<Candidate> bases_;
    std::vector<Candidate> increments_;
    std::optional<int64_t> made_at_;
    aof::Manifest manifest_;
    std::vector<std::string> notes_;
};

}  // namespace

tools::Run declare_rebuild_manifest(tools::Options& app) {
    auto options = std::make_shared<RebuildOptions>();
    add_log_options(app, options->log);
    app.add("--base", options->base, "the base that counts, where there are several");
    app.add("--from-seq", options->from_seq, "the first increment behind the base");
    app.add_flag("--in-place", options->in_place,
                 "although there is a manifest; it is kept as .bak");
    app.add_flag("--dry-run", options->dry_run, "show the manifest, write nothing");
    return [options](Session& session) {
        session.output().set_file(options->log.path);
        return Rebuild(*options, session).run();
    };
}

}  // namespace tidemark::aof_check
