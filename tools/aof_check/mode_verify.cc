// Mode verify: whether a log holds what a dump holds, as far as that shows without running the log.
//
// The base is a dump itself, and is compared with the other key by key. A key that the log's
// records write to may have become anything: it is listed as one that may differ. So the answer is
// exact for a log right after a rewrite, and for whatever was not written to since.
#include <fmt/format.h>

#include "rdb/codec/reader.h"
#include "tools/aof_check/chain_report.h"
#include "tools/aof_check/log_options.h"
#include "tools/aof_check/modes.h"
#include "tools/aof_check/open_by_log.h"
#include "tools/common/text.h"
#include "tools/dump_diff/difference_teller.h"
#include "tools/dump_diff/unique_log.h"

namespace tidemark::aof_check {

namespace {

using rdb_check::ComparedFile;
using rdb_check::Differences;
using tools::Exit;
using tools::Session;

struct VerifyOptions {
    LogOptions log;
    std::string dump;
    bool ignore_ttl = false;
    bool summary = false;
};

// A log without a base: nothing, in front of all its records.
class NoBase final : public tools::Source {
public:
    uint64_t size() const override { return 0; }
    Result<size_t> read_at(char*, size_t, uint64_t) override { return size_t{0}; }
};

class Verify {
public:
    Verify(const VerifyOptions& options, Session& session)
        : options_(options),
          session_(session),
          spool_folder_(session.spool_folder()),
          open_(options.log.judge(), spool_folder_) {}

    Result<Exit> run() {
        chain_ = TM_TRY(options_.log.chain(session_));
        ChainCheckOptions how;
        how.jobs = options_.log.thread_count();
        how.look_behind_damage = false;
        check_ = TM_TRY(check_chain(chain_, options_.log.judge(), session_, how));
        if (check_.is_refused()) {
            return session_.output().verdict(
                Exit::kDamaged, fmt::format("not compared: the log is damaged: {}. First: "
                                            "aof-check fix or salvage",
                                            first_trouble(check_)));
        }
        if (check_.cannot_judge)
            return session_.output().verdict(
                Exit::kCannotJudge,
                "not compared: the base is newer than this program, or a module's");
        for (size_t i = 0; i < chain_.files.size(); ++i) {
            const FileCheck& file = check_.files[i];
            TM_CHECK(open_.read(session_, chain_.files[i], file.preamble.end,
                                std::min(file.counts, file.facts.ending.keep)));
        }
        return compare();
    }

private:
    bool has_base() const { return !check_.files.empty() && check_.files[0].preamble.end > 0; }

    Result<Exit> compare() {
        std::unique_ptr<LogBytes> log;
        if (has_base()) log = TM_TRY(open_log(session_, chain_.files[0]));
        NoBase nothing;
        tools::Source& base_source = log ? log->source() : nothing;
        const auto dump_source = TM_TRY(session_.open_other(options_.dump));
        ComparedFile base(base_source, spool_folder_);
        ComparedFile dump(*dump_source, spool_folder_);
        if (log) TM_CHECK(read(base_source, base, "reading the base"));
        TM_CHECK(read(*dump_source, dump, "reading the dump"));
        Differences differences(spool_folder_, base_source.size(), dump_source->size());
        TM_CHECK(differences.compare(
            base.marks, dump.marks,
            options_.ignore_ttl ? rdb_check::CompareTtl::kNo : rdb_check::CompareTtl::kYes,
            open_.keys()));
        if (open_.are_libraries_open()) differences.forget_libraries();
        tell_reaches();
        if (!options_.summary)
            TM_CHECK(rdb_check::DifferenceTeller(session_, base, dump).tell(differences));
        rdb_check::tell_counts(session_, differences.counts());
        tell_open(differences.counts());
        return verdict(differences, dump_source->name());
    }

    Status read(tools::Source& source, ComparedFile& to, const std::string& label) {
        const auto progress = session_.progress(label, source.size());
        to.marks.on_progress([&](uint64_t done) {
            progress->update(done);
            return session_.stop().check();
        });
        rdb_check::UniqueLog members(spool_folder_);
        const auto summary = rdb::Reader(source, to.marks, &members).read();
        if (!summary && source.unpack_error()) return fail(*source.unpack_error());
        if (!summary) return fail(summary.error());
        to.dialect = summary->dialect;
        return source.check_unchanged();
    }

    // What no list of keys says.
    void tell_reaches() {
        tools::Output& output = session_.output();
        for (const FarReach& one : open_.far_reaches()) {
            output.line(fmt::format(
                "? {}: {} at {} of {}", one.db ? fmt::format("all of db {}", *one.db) : "all keys",
                one.command, tools::format_offset(one.offset), tools::escape(one.file)));
        }
        if (open_.are_libraries_open()) output.line("? libraries of functions");
        output.json("open", [&](tools::JsonFile& json) {
            json.StartArray();
            for (const FarReach& one : open_.far_reaches()) {
                json.StartObject();
                if (one.db) {
                    json.Key("db");
                    json.Uint64(*one.db);
                }
                json.Key("command");
                tools::json_string(json, one.command);
                tools::json_bytes(json, "file", one.file);
                json.Key("offset");
                json.Uint64(one.offset);
                json.EndObject();
            }
            json.EndArray();
        });
    }

    void tell_open(const rdb_check::DiffCounts& counts) {
        session_.output().json("may_differ", [&](tools::JsonFile& json) {
            json.StartObject();
            json.Key("keys");
            json.Uint64(counts.open);
            json.Key("keys_in_neither");
            json.Uint64(counts.nowhere);
            json.EndObject();
        });
    }

    Exit verdict(const Differences& differences, const std::string& dump) {
        const rdb_check::DiffCounts& counts = differences.counts();
        const bool differ = counts.differing() > 0 || !differences.libraries().empty();
        const bool nothing_known =
            open_.keys().is_everything() || (counts.same == 0 && counts.open + counts.nowhere > 0);
        std::string text;
        Exit exit = Exit::kClean;
        if (differ) {
            exit = Exit::kDamaged;
            text = sentence_of(differences, dump);
        } else if (nothing_known) {
            exit = Exit::kCannotJudge;
            text = fmt::format("cannot be compared with {}", tools::escape(dump));
        } else {
            text = fmt::format("holds the same as {}: {}", tools::escape(dump),
                               tools::format_count(counts.same, "key"));
        }
        return session_.output().verdict(exit, text + reservations(counts));
    }

    // What the verdict leaves open.
    std::string reservations(const rdb_check::DiffCounts& counts) const {
        std::string text;
        if (counts.open > 0) {
            text += fmt::format("; {} may differ: the log wrote to them behind its base",
                                tools::format_count(counts.open, "key"));
        }
        if (counts.nowhere > 0) {
            text += fmt::format("; it also wrote to {} that neither base nor dump has",
                                tools::format_count(counts.nowhere, "key"));
        }
        if (check_.is_cut()) {
            text += fmt::format("; without the log's last {}, which a server cuts off",
                                tools::format_count(check_.bytes_cut(chain_), "byte"));
        }
        return text;
    }

    const VerifyOptions& options_;
    Session& session_;
    std::string spool_folder_;
    OpenByLog open_;
    Chain chain_;
    ChainCheck check_;
};

}  // namespace

tools::Run declare_verify(tools::Options& app) {
    auto options = std::make_shared<VerifyOptions>();
    add_log_options(app, options->log);
    add_jobs_option(app, options->log);
    app.add("--against", options->dump, "the dump that it should hold the same as").required();
    app.add_flag("--ignore-ttl", options->ignore_ttl, "keys that differ in their expiry are equal");
    app.add_flag("--summary", options->summary, "counts only, no keys");
    return [options](Session& session) {
        session.output().set_file(options->log.path);
        return Verify(*options, session).run();
    };
}

}  // namespace tidemark::aof_check
