#include "tools/aof_check/chain_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

// Holes behind the first that a check lists.
constexpr size_t kHolesListed = 1000;

uint64_t line_offset(std::string_view text, size_t line) {
    size_t at = 0;
    for (size_t i = 1; i < line && at != std::string_view::npos; ++i) {
        at = text.find('\n', at);
        if (at != std::string_view::npos) ++at;
    }
    return at == std::string_view::npos ? text.size() : at;
}

class Checker {
public:
    Checker(const Chain& chain, const Judge& judge, tools::Session& session,
            const ChainCheckOptions& options)
        : chain_(chain), judge_(judge), session_(session), options_(options) {}

    Result<ChainCheck> run() {
        check_folder();
        uint64_t total = 0;
        for (const ChainFile& file : chain_.files) total += file.size;
        progress_ = session_.progress("checking", total);
        for (size_t i = 0; i < chain_.files.size(); ++i) {
            file_ = &chain_.files[i];
            is_last_ = i + 1 == chain_.files.size();
            check_.files.push_back(TM_TRY(check_one()));
            bytes_before_ += file_->size;
        }
        progress_.reset();
        return std::move(check_);
    }

private:
    void find(Code code, uint64_t begin, uint64_t end, std::string what) {
        check_.findings.push_back({code, file_ != nullptr ? file_->name : chain_.manifest_path,
                                   begin, end, std::move(what)});
    }

    void check_folder() {
        if (chain_.is_single_file()) return;
        if (!chain_.has_manifest)
            find(Code::kNoManifest, 0, 0, "log files, but no manifest that says how to read them");
        for (const aof::ManifestProblem& problem : chain_.problems) {
            const uint64_t at = line_offset(chain_.manifest_text, problem.line);
            find(Code::kManifestLine, at, at,
                 fmt::format("line {}: {}", problem.line, tools::escape_short(problem.what, 200)));
        }
        if (chain_.adoption_is_open)
            find(Code::kAdoptionOpen, 0, 0, "the old single file has not been moved here yet");
        for (const ChainFile& file : chain_.history) {
            if (file.is_there)
                note_extra(Code::kHistoryPresent, file.name, file.size,
                           "no longer part of the data");
        }
        for (const Leftover& one : chain_.leftovers) {
            const Code code = one.what == "orphan"           ? Code::kOrphan
                              : one.what == "temporary file" ? Code::kTemporaryFile
                              : one.what == "lost+found"     ? Code::kLostAndFound
                                                             : Code::kCutOff;
            note_extra(code, one.name, one.size, "not named by the manifest");
        }
    }

    void note_extra(Code code, const std::string& name, uint64_t size, std::string_view what) {
        check_.findings.push_back(
            {code, name, 0, size, fmt::format("{}, {}", what, tools::format_bytes(size))});
    }

    Result<FileCheck> check_one() {
        FileCheck result;
        TM_CHECK(session_.stop().check());
        if (!file_->is_there) {
            find(Code::kFileMissing, 0, 0, "named by the manifest, but not there");
            result.fate = Fate::kRefused;
            result.is_usable_base = false;
            return result;
        }
        const auto bytes = TM_TRY(open_log(session_, *file_));
        result.counts = bytes->size();
        const bool ends_early = take_durable_bytes(result, bytes->size());
        const auto moved = [this](uint64_t done) { progress_->update(bytes_before_ + done); };
        result.preamble = TM_TRY(read_preamble(bytes->source(), session_.stop(), moved));
        if (!judge_preamble(result, bytes->size())) return result;
        HeadOf head(*bytes, result.counts);
        FileCheckOptions options;
        options.start = result.preamble.end;
        options.seals_promised = file_->entry.find(aof::kSealsKey).has_value();
        options.jobs = options_.jobs;
        options.stop = &session_.stop();
        options.progress = moved;
        result.facts = TM_TRY(check_file(head, judge_, options));
        // The manifest's word for these bytes is as good as a seal's.
        aof::FileEnding& end = result.facts.ending;
        if (ends_early && end.keep < result.counts && end.ending != aof::Ending::kMalformed)
            end.ending = aof::Ending::kDamaged;
        if (const auto& broken = bytes->source().unpack_error()) {
            result.fate = Fate::kRefused;
            find(Code::kBadRecord, bytes->size(), bytes->size(), broken->what);
        }
        TM_CHECK(judge_ending(result, head, options));
        TM_CHECK(bytes->source().check_unchanged());
        return result;
    }

    // True when the manifest says that only a part of the file counts.
    bool take_durable_bytes(FileCheck& result, uint64_t size) {
        const auto text = file_->entry.find(aof::kDurableBytesKey);
        if (!text) return false;
        const auto durable = parse_uint64(*text);
        if (durable && *durable <= size) {
            result.counts = *durable;
            return true;
        }
        find(Code::kDurableBytes, size, size,
             fmt::format("has {} bytes, the manifest says that {} are durable", size,
                         tools::escape_short(*text, 40)));
        result.fate = Fate::kRefused;
        return false;
    }

    // False: the file is not looked at any further.
    bool judge_preamble(FileCheck& result, uint64_t size) {
        const Preamble& preamble = result.preamble;
        if (preamble.damage) {
            const Error& error = *preamble.damage;
            const bool unknown = error.code == ErrorCode::kUnsupported;
            const uint64_t at = error.offset == kNoOffset ? 0 : error.offset;
            find(unknown ? Code::kBaseUnknown : Code::kBaseDamaged, at, at, error.what);
            check_.cannot_judge |= unknown;
            result.is_usable_base = unknown;
            if (!unknown) result.fate = Fate::kRefused;
            return false;
        }
        if (preamble.end == 0 && file_->role == Role::kBase && file_->name.ends_with(".rdb")) {
            find(Code::kBaseNotRdb, 0, size, "does not begin as an RDB file");
            result.is_usable_base = false;
            result.fate = Fate::kRefused;
            return false;
        }
        return true;
    }

    Status judge_ending(FileCheck& result, aof::ByteSource& bytes,
                        const FileCheckOptions& options) {
        const FileFacts& facts = result.facts;
        const aof::FileEnding& end = facts.ending;
        if (facts.time_goes_back_at) {
            find(Code::kTimeGoesBack, *facts.time_goes_back_at, *facts.time_goes_back_at,
                 "a #TS line is earlier than the one before it");
        }
        const uint64_t size = bytes.size();
        switch (end.ending) {
            case aof::Ending::kClean:
                return {};
            case aof::Ending::kFill:
                if (is_last_)
                    find(Code::kWindow, end.keep, size, "room written ahead: it was not stopped");
                return {};
            case aof::Ending::kForeign:
                find(Code::kForeignRecords, end.keep, end.keep,
                     "a stock redis-server went on behind our seals");
                return {};
            case aof::Ending::kTorn:
                return judge_tail(result, bytes, options, Code::kTornGroup);
            case aof::Ending::kTruncated:
                return judge_tail(result, bytes, options, Code::kTornRecord);
            case aof::Ending::kOpenMulti:
                return judge_tail(result, bytes, options, Code::kOpenTransaction);
            case aof::Ending::kDamaged:
                result.fate = Fate::kRefused;
                return judge_damage(result, bytes, options, Code::kSealDamage);
            case aof::Ending::kMalformed:
                result.fate = Fate::kRefused;
                return judge_damage(result, bytes, options,
                                    end.is_record ? Code::kRefusedRecord : Code::kBadRecord);
        }
        return {};
    }

    Status judge_tail(FileCheck& result, aof::ByteSource& bytes, const FileCheckOptions& options,
                      Code code) {
        const aof::FileEnding& end = result.facts.ending;
        if (is_last_) {
            if (result.fate == Fate::kKept) result.fate = Fate::kCut;
            find(code, end.keep, bytes.size(), end.what);
            return {};
        }
        result.fate = Fate::kRefused;
        find(Code::kNotLast, end.keep, bytes.size(),
             fmt::format("{}, and it is not the last file of the log", end.what));
        return look_behind(result, bytes, options);
    }

    Status judge_damage(FileCheck& result, aof::ByteSource& bytes, const FileCheckOptions& options,
                        Code code) {
        const aof::FileEnding& end = result.facts.ending;
        find(code, end.problem_at, bytes.size(), end.what);
        return look_behind(result, bytes, options);
    }

    // How far the first damage goes, which the walk that stopped at it does not know.
    void narrow(Finding& finding, const SalvagePlan& plan) const {
        for (const Hole& hole : plan.holes) {
            if (hole.begin <= finding.begin && finding.begin < hole.end) {
                finding.end = hole.end;
                return;
            }
        }
        if (plan.mended.empty()) return;
        finding.end = finding.begin;
        finding.what +=
            fmt::format("; one byte is wrong, at {}: salvage puts it right", plan.mended.front());
    }

    // What lies behind the first damage: the other holes, and what salvage would keep.
    Status look_behind(FileCheck& result, aof::ByteSource& bytes, const FileCheckOptions& options) {
        if (!options_.look_behind_damage) return {};
        PatchedBytes patched(bytes);
        SalvageOptions salvage;
        salvage.start = options.start;
        salvage.seals_promised = options.seals_promised;
        salvage.stop = options.stop;
        const SalvagePlan plan = TM_TRY(plan_salvage(patched, judge_, salvage));
        narrow(check_.findings.back(), plan);
        const uint64_t from = result.facts.ending.keep;
        for (const Kept& range : plan.kept) {
            if (range.begin >= from) result.readable_behind += range.records;
        }
        size_t listed = 0;
        for (const Hole& hole : plan.holes) {
            const bool told = hole.begin <= result.facts.ending.problem_at;
            if (told || ++listed > kHolesListed) continue;
            find(Code::kMoreDamage, hole.begin, hole.end, hole.why);
        }
        return {};
    }

    const Chain& chain_;
    const Judge& judge_;
    tools::Session& session_;
    const ChainCheckOptions& options_;
    ChainCheck check_;
    const ChainFile* file_ = nullptr;
    bool is_last_ = false;
    uint64_t bytes_before_ = 0;
    std::unique_ptr<tools::Progress> progress_;
};

}  // namespace

bool FileCheck::is_no_log() const {
    return facts.ending.ending == aof::Ending::kMalformed && !facts.ending.is_record &&
           facts.records == 0 && facts.ending.keep == 0 && readable_behind == 0;
}

bool ChainCheck::is_refused() const {
    const auto refuses = [](const Finding& finding) {
        return finding.code == Code::kNoManifest || finding.code == Code::kManifestLine;
    };
    return std::any_of(findings.begin(), findings.end(), refuses) ||
           std::any_of(files.begin(), files.end(),
                       [](const FileCheck& file) { return file.fate == Fate::kRefused; });
}

bool ChainCheck::is_cut() const {
    return std::any_of(files.begin(), files.end(),
                       [](const FileCheck& file) { return file.fate == Fate::kCut; });
}

uint64_t ChainCheck::records() const {
    uint64_t sum = 0;
    for (const FileCheck& file : files) sum += file.facts.records;
    return sum;
}

uint64_t ChainCheck::rdb_keys() const {
    uint64_t sum = 0;
    for (const FileCheck& file : files) sum += file.preamble.keys;
    return sum;
}

uint64_t ChainCheck::bytes_cut(const Chain& chain) const {
    uint64_t sum = 0;
    for (size_t i = 0; i < files.size(); ++i) {
        if (files[i].fate == Fate::kCut) sum += chain.files[i].size - files[i].facts.ending.keep;
    }
    return sum;
}

Result<ChainCheck> check_chain(const Chain& chain, const Judge& judge, tools::Session& session,
                               const ChainCheckOptions& options) {
    return Checker(chain, judge, session, options).run();
}

}  // namespace tidemark::aof_check
