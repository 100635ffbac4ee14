// Mode until: the log as it was before a moment, an offset or a command: the way back from a
// FLUSHALL. Cuts between transactions, in whichever file the place lies.
//
// An LSN is what INFO calls aof_durable_offset: it counts the bytes of base and increments, one
// behind the other, as far as they count. (A server whose disk failed is a little ahead, until its
// next start: the file that it went on in begins with a SELECT that was not counted.)
#include <fmt/format.h>

#include <algorithm>

#include "aof/codec/log_walk.h"
#include "base/ascii.h"
#include "base/number.h"
#include "tools/aof_check/chain_report.h"
#include "tools/aof_check/head_writer.h"
#include "tools/aof_check/log_options.h"
#include "tools/aof_check/modes.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::Exit;
using tools::Session;

struct UntilOptions {
    LogOptions log;
    OutputOptions output;
    std::optional<int64_t> time;
    std::string offset;
    std::optional<uint64_t> lsn;
    std::string command;
    bool first = false;
    bool dry_run = false;
};

// A place between two records where no transaction is open.
struct Cut {
    size_t file = 0;
    uint64_t offset = 0;
    bool is_mid_piece = false;
    uint64_t found_at = 0;  // what was looked for stands here
};

class Until {
public:
    Until(const UntilOptions& options, Session& session)
        : options_(options), session_(session), judge_(options.log.judge()) {}

    Result<Exit> run() {
        chain_ = TM_TRY(options_.log.chain(session_));
        TM_CHECK(chain_.require_manifest());
        ChainCheckOptions how;
        how.jobs = options_.log.thread_count();
        check_ = TM_TRY(check_chain(chain_, judge_, session_, how));
        if (check_.is_refused()) {
            return session_.output().verdict(
                Exit::kDamaged, fmt::format("nothing written: the log is damaged: {}. First: "
                                            "aof-check fix or salvage",
                                            first_trouble(check_)));
        }
        TM_CHECK(read_place());
        TM_CHECK(check_base_is_older());
        for (size_t i = 0; i < chain_.files.size() && !is_found_; ++i) {
            if (check_.files[i].preamble.damage) continue;
            TM_CHECK(search(i));
        }
        if (!cut_) return say_not_found();
        if (options_.time && holds_nothing_before_cut()) return say_nothing_before();
        return write();
    }

private:
    Status read_place() {
        if (options_.lsn) return find_lsn(*options_.lsn);
        if (options_.offset.empty()) return {};
        const size_t colon = options_.offset.rfind(':');
        const std::string number =
            colon == std::string::npos ? options_.offset : options_.offset.substr(colon + 1);
        const auto offset = parse_uint64(number);
        if (!offset)
            return fail(ErrorCode::kInvalid, fmt::format("--offset {}: not a number", number));
        looks_for_offset_ = true;
        offset_ = *offset;
        if (colon == std::string::npos) {
            offset_file_ = chain_.files.size() - 1;
            return {};
        }
        const std::string name = options_.offset.substr(0, colon);
        const auto found = std::find_if(chain_.files.begin(), chain_.files.end(),
                                        [&](const ChainFile& file) { return file.name == name; });
        if (found == chain_.files.end())
            return fail(ErrorCode::kInvalid, fmt::format("--offset: the log has no file {}", name));
        offset_file_ = static_cast<size_t>(found - chain_.files.begin());
        return {};
    }

    Status find_lsn(uint64_t lsn) {
        looks_for_offset_ = true;
        offset_ = lsn;
        while (offset_file_ < check_.files.size() && offset_ >= length_of(offset_file_))
            offset_ -= length_of(offset_file_++);
        if (offset_file_ > 0 || check_.files.empty() || offset_ >= check_.files[0].preamble.end)
            return {};
        return fail(ErrorCode::kInvalid,
                    fmt::format("--lsn {} lies in the base {}, which cannot be taken apart: what "
                                "comes behind it begins at {}",
                                lsn, chain_.files[0].name, check_.files[0].preamble.end));
    }

    // Of what counts of a file.
    uint64_t length_of(size_t file) const {
        const FileCheck& check = check_.files[file];
        return std::max(check.preamble.end, check.facts.ending.keep);
    }

    // What a base holds cannot be taken apart.
    Status check_base_is_older() {
        if (!options_.time || check_.files.empty()) return {};
        const auto made_at = check_.files[0].preamble.made_at;
        if (!made_at || *made_at <= *options_.time) return {};
        return fail(ErrorCode::kInvalid,
                    fmt::format("the base {} was made at {}, after that time; take an older backup",
                                chain_.files[0].name, format_time(*made_at)));
    }

    // Looks in file `i`, up to where a server reads it.
    Status search(size_t i) {
        const auto bytes = TM_TRY(open_log(session_, chain_.files[i]));
        HeadOf head(*bytes, check_.files[i].counts);
        const bool promised = chain_.files[i].entry.find(aof::kSealsKey).has_value();
        aof::LogWalk walk(head,
                          {check_.files[i].preamble.end, promised, aof::Hold::kBounded, false});
        Cut place{i, check_.files[i].preamble.end, false, 0};
        bool behind_seal = true;  // nothing of its piece has come
        for (uint64_t items = 0;; ++items) {
            if (items % tools::kItemsBetweenLooks == 0) TM_CHECK(session_.stop().check());
            const bool was_open = walk.in_transaction();
            const aof::Item item = TM_TRY(walk.next());
            if (item.kind == aof::ItemKind::kEnd) break;
            if (item.kind == aof::ItemKind::kPause) {
                walk.release();
                continue;
            }
            if (item.kind == aof::ItemKind::kSeal) {
                if (!was_open) place = {i, item.offset, false, 0};
                behind_seal = true;
            } else if (!was_open && !(behind_seal && item.sealed)) {
                place = {i, item.offset, item.sealed, 0};
            }
            if (is_it(i, item, walk)) {
                place.found_at = item.offset;
                cut_ = place;
                ++found_;
                is_found_ = options_.first || options_.command.empty();
                if (is_found_) return {};
            }
            if (item.kind != aof::ItemKind::kSeal) behind_seal = false;
            walk.release();
        }
        return bytes->source().check_unchanged();
    }

    bool is_it(size_t file, const aof::Item& item, const aof::LogWalk& walk) {
        if (item.kind == aof::ItemKind::kTimestamp) {
            ++timestamps_;
            return options_.time && item.timestamp > *options_.time;
        }
        if (item.kind != aof::ItemKind::kRecord) return false;
        if (!options_.command.empty()) return is_command(walk.args_of(item));
        if (!looks_for_offset_) return false;
        return file > offset_file_ || (file == offset_file_ && item.offset + item.length > offset_);
    }

    bool is_command(std::span<const std::string_view> args) const {
        return same_word(args[0], options_.command);
    }

    Result<Exit> say_not_found() {
        std::string why;
        if (!options_.command.empty())
            why = fmt::format("no {} in the log", tools::escape(options_.command));
        if (looks_for_offset_) why = "the log ends before that offset";
        if (options_.time && timestamps_ == 0)
            why = "the log holds no timestamps (aof-timestamp-enabled was off)";
        if (options_.time && timestamps_ > 0)
            why = fmt::format("nothing in the log is newer than {}", format_time(*options_.time));
        return session_.output().verdict(Exit::kUsage, fmt::format("nothing written: {}", why));
    }

    bool holds_nothing_before_cut() const {
        uint64_t data = cut_->offset - check_.files[cut_->file].preamble.end;
        for (size_t i = 0; i < cut_->file; ++i) data += check_.files[i].facts.records;
        for (size_t i = 0; i <= cut_->file; ++i) {
            const Preamble& dump = check_.files[i].preamble;
            data += dump.keys + (dump.damage ? 1 : 0);
        }
        return data == 0;
    }

    Result<Exit> say_nothing_before() {
        return session_.output().verdict(
            Exit::kDamaged, fmt::format("nothing written: the log holds nothing up to {}",
                                        format_time(*options_.time)));
    }

    Result<Exit> write() {
        std::vector<HeadFile> heads;
        for (size_t i = 0; i <= cut_->file; ++i) {
            const FileCheck& check = check_.files[i];
            HeadFile head{&chain_.files[i], chain_.files[i].entry, check.preamble.end, check.counts,
                          false};
            if (i == cut_->file) {
                head.keep = cut_->offset;
                head.is_mid_piece = cut_->is_mid_piece;
                std::erase_if(head.entry.extra,
                              [](const auto& pair) { return pair.first == aof::kDurableBytesKey; });
            }
            heads.push_back(std::move(head));
        }
        if (options_.dry_run) return say_cut("nothing written: --dry-run: the log", "");
        const auto log = TM_TRY(NewLog::create(chain_, options_.output, "until"));
        TM_CHECK(write_heads(chain_, heads, session_, *log));
        return say_cut(fmt::format("wrote {}, which", log->path()), log->backup_path());
    }

    Result<Exit> say_cut(const std::string& what, const std::string& backup) {
        tools::Output& output = session_.output();
        const std::string& name = chain_.files[cut_->file].name;
        uint64_t behind = check_.files[cut_->file].counts - cut_->offset;
        for (size_t i = cut_->file + 1; i < chain_.files.size(); ++i)
            behind += check_.files[i].counts;
        if (found_ > 1) {
            output.line(
                fmt::format("{} was found {} times; this is before the last one (--first "
                            "for the first)",
                            tools::escape(options_.command), found_));
        }
        output.json("cut", [&](tools::JsonFile& json) {
            json.StartObject();
            tools::json_bytes(json, "file", name);
            json.Key("offset");
            json.Uint64(cut_->offset);
            json.Key("found_at");
            json.Uint64(cut_->found_at);
            json.Key("found");
            json.Uint64(found_);
            json.Key("bytes_left_out");
            json.Uint64(behind);
            json.EndObject();
        });
        output.json("summary", [&](tools::JsonFile& json) {
            json.StartObject();
            json.Key("files");
            json.Uint64(cut_->file + 1);
            json.Key("bytes_left_out");
            json.Uint64(behind);
            json.EndObject();
        });
        std::string text =
            fmt::format("{} ends before byte {} of {}; {} left out", what, cut_->offset,
                        tools::escape(name), tools::format_count(behind, "byte"));
        if (!backup.empty()) text += fmt::format("; the old log is {}", backup);
        return output.verdict(Exit::kClean, text);
    }

    const UntilOptions& options_;
    Session& session_;
    Judge judge_;
    Chain chain_;
    ChainCheck check_;
    std::optional<Cut> cut_;
    bool looks_for_offset_ = false;
    uint64_t offset_ = 0;
    size_t offset_file_ = 0;
    uint64_t timestamps_ = 0;
    uint64_t found_ = 0;
    bool is_found_ = false;
};

}  // namespace

tools::Run declare_until(tools::Options& app) {
    auto options = std::make_shared<UntilOptions>();
    add_log_options(app, options->log);
    add_jobs_option(app, options->log);
    add_output_options(app, options->output);
    app.begin_one_of("Where", "one of these");
    app.add("--time", options->time,
            "unix time in seconds: what is newer is left out (needs #TS lines)");
    app.add("--offset", options->offset,
            "byte of the last file, or NAME:BYTE: whole records before it stay");
    app.add("--lsn", options->lsn,
            "the log as it was when INFO said that number as aof_durable_offset");
    app.add("--before-command", options->command,
            "a command's name: the last one of that name, and what is behind it, go");
    app.end_one_of();
    app.add_flag("--first", options->first, "with --before-command: the first one instead");
    app.add_flag("--dry-run", options->dry_run, "say where the log would end, write nothing");
    return [options](Session& session) {
        session.output().set_file(options->log.path);
        return Until(*options, session).run();
    };
}

}  // namespace tidemark::aof_check
