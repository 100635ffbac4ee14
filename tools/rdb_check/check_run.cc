#include "tools/rdb_check/check_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/crc64.h"
#include "rdb/codec/primitives.h"
#include "tools/dump_diff/unique_log.h"
#include "tools/rdb_check/input_from.h"

namespace tidemark::rdb_check {

namespace {

using rdb::Finding;
using rdb::FindingCode;
using rdb::Severity;

constexpr uint64_t kChecksumBytes = 8;
// Pairs of equal hashes that are remembered; a file with more has been copied onto itself.
constexpr size_t kDuplicatesMax = 100'000;
// For the sake of memory.
constexpr unsigned kDuplicateThreadsMax = 2;

Finding finding_at(FindingCode code, uint64_t begin, uint64_t end, std::string what) {
    Finding finding;
    finding.code = code;
    finding.begin = begin;
    finding.end = end;
    finding.what = std::move(what);
    return finding;
}

// "*2", or the annotation of a time: what only begins with such a byte is no log for sure.
bool begins_log(std::string_view text) {
    if (text.starts_with("#TS:")) return true;
    return text.size() > 1 && text[0] == '*' && text[1] >= '0' && text[1] <= '9';
}

std::vector<WalkPlace>::const_iterator first_behind(const std::vector<WalkPlace>& selects,
                                                    uint64_t offset) {
    return std::upper_bound(
        selects.begin(), selects.end(), offset,
        [](uint64_t at, const WalkPlace& select) { return at < select.offset; });
}

// Of the record whose type byte is at `offset`.
Result<std::string> name_at(rdb::Input& input, uint64_t offset) {
    InputFrom rest(input, offset + 1);
    rdb::Primitives in(rest);
    return std::string(TM_TRY(in.string()));
}

}  // namespace

// Threads that check pieces ahead of the merge. At most kAhead results a worker wait.
class CheckRun::Workers {
public:
    Workers(CheckRun& run, const PiecePlan& plan) : run_(run), plan_(plan) {
        for (unsigned i = 0; i < run.settings_.jobs; ++i) threads_.emplace_back([this] { work(); });
    }
    ~Workers() {
        {
            const std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    Result<PieceResult> wait_for(size_t number) {
        std::unique_lock lock(mutex_);
        merged_ = number;
        changed_.notify_all();
        changed_.wait(lock, [&] { return results_.contains(number); });
        return std::move(results_.extract(number).mapped());
    }
    // What comes next begins with this db, as far as is known.
    void set_db(uint64_t db) {
        const std::lock_guard lock(mutex_);
        db_ = db;
    }

private:
    static constexpr size_t kAhead = 2;

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(
                lock, [&] { return is_over_ || next_ <= merged_ + kAhead * run_.settings_.jobs; });
            if (is_over_) return;
            const size_t number = next_++;
            std::optional<PieceSpec> spec = plan_.piece(number);
            if (!spec) return;
            if (!spec->is_exact) spec->range.start.db = db_;
            lock.unlock();
            Result<PieceResult> result = run_.check(*spec);
            lock.lock();
            results_.emplace(number, std::move(result));
            changed_.notify_all();
        }
    }

    CheckRun& run_;
    const PiecePlan& plan_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<size_t, Result<PieceResult>> results_;
    size_t next_ = 0;
    size_t merged_ = 0;
    uint64_t db_ = 0;
    bool is_over_ = false;
    std::vector<std::thread> threads_;
};

CheckRun::CheckRun(rdb::Input& input, const DumpHead& head, CheckSettings settings,
                   const tools::StopFlag& stop, OnFinding on_finding, OnProgress on_progress)
    : input_(input),
      settings_(std::move(settings)),
      stop_(stop),
      on_finding_(std::move(on_finding)),
      on_progress_(std::move(on_progress)),
      key_log_(settings_.key_memory_bytes, settings_.spool_folder),
      libraries_(head.dialect) {
    summary_.head = head;
}

Result<CheckSummary> CheckRun::run() {
    if (!summary_.head.is_known()) {
        // Past say(): there is nothing more to look at, whatever limit this would reach.
        on_finding_(finding_at(
            FindingCode::kVersionUnknown, 0, rdb::kHeadBytes,
            fmt::format("this is a {}; known are Redis's 1 to {} and Valkey's {}",
                        summary_.head.name(), rdb::kRedisVersionMax, rdb::kValkeyVersion)));
        return summary_;
    }
    PiecePlan plan = TM_TRY(PiecePlan::make(input_));
    plan.set_stride(settings_.stride);
    summary_.segments = plan.parts().size();
    if (plan.is_sealed()) sealed_to_ = plan.parts().back().end;
    TM_CHECK(run_pieces(plan));
    TM_CHECK(finish(plan));
    return summary_;
}

Status CheckRun::run_pieces(const PiecePlan& plan) {
    return settings_.jobs <= 1 ? run_alone(plan) : run_together(plan);
}

Status CheckRun::run_alone(const PiecePlan& plan) {
    for (size_t number = 0; !is_over(); ++number) {
        std::optional<PieceSpec> spec = plan.piece(number);
        if (!spec) break;
        if (place_.offset >= spec->range.limit) continue;
        if (settings_.stride == 1) {
            if (!spec->is_exact) spec->range.start = place_;
            spec->is_exact = true;
        }
        TM_CHECK(merge_sealed(plan, *spec, TM_TRY(check(*spec))));
    }
    return {};
}

Status CheckRun::run_together(const PiecePlan& plan) {
    Workers workers(*this, plan);
    for (size_t number = 0; !is_over(); ++number) {
        const std::optional<PieceSpec> spec = plan.piece(number);
        if (!spec) break;
        TM_CHECK(merge_sealed(plan, *spec, TM_TRY(workers.wait_for(number))));
        workers.set_db(place_.db);
    }
    return {};
}

Result<PieceResult> CheckRun::check(const PieceSpec& spec) {
    UniqueLog spill(settings_.spool_folder);
    return check_piece(input_, summary_.head, spec, settings_.limits, stop_, &spill);
}

Status CheckRun::merge(const PieceSpec& spec, PieceResult result) {
    if (!spec.is_exact && settings_.stride == 1) {
        // A value reached over all of this stretch.
        if (place_.offset >= spec.range.limit) return {};
        if (!result.has_start || result.start != place_) {
            PieceSpec again = spec;
            again.range.start = place_;
            again.is_exact = true;
            result = TM_TRY(check(again));
        }
    }
    return result.has_start ? take(std::move(result)) : Status{};
}

// A run of segments whose sum does not fit is looked at again one by one, to locate the damage.
Status CheckRun::merge_sealed(const PiecePlan& plan, const PieceSpec& spec, PieceResult result) {
    if (spec.segments == 0) return merge(spec, std::move(result));
    const bool is_as_sealed = result.end.place == *spec.range.known_next &&
                              result.crc == plan.checksum_of(spec.first_segment, spec.segments);
    if (is_as_sealed) return take(std::move(result));
    for (size_t i = spec.first_segment; i < spec.first_segment + spec.segments; ++i) {
        PieceResult one = TM_TRY(check(plan.piece_of(i)));
        judge_seal(plan.parts()[i], one);
        TM_CHECK(take(std::move(one)));
        if (is_over()) break;
    }
    return {};
}

void CheckRun::judge_seal(const SealedPart& part, const PieceResult& result) {
    const bool is_to_end = result.end.place.offset == part.end;
    if (is_to_end && part.checksum == result.crc) return;
    const CheckCounts& counts = result.counts;
    const uint64_t records = counts.keys() + counts.left_out() + counts.bad_keys;
    UnfitPart unfit{part.begin, part.end, part.keys, 0};
    if (part.keys) unfit.missing = *part.keys - std::min(*part.keys, records);
    std::string what =
        fmt::format("the {} bytes of this segment are not what was sealed", part.bytes());
    if (part.bytes() != part.sealed_bytes) what += fmt::format(": it had {}", part.sealed_bytes);
    if (part.keys)
        what += fmt::format("; {} of its {} keys are missing", unfit.missing, *part.keys);
    if (is_to_end && part.checksum) {
        auto change = locate_change(result.crc ^ *part.checksum, part.bytes());
        if (change && change->offset >= part.bytes()) change.reset();
        if (change) {
            change->offset += part.begin;
            what += describe(*change);
            summary_.changed.push_back(*change);
        }
    }
    summary_.missing_keys += unfit.missing;
    summary_.unfit.push_back(unfit);
    say(finding_at(FindingCode::kSealMismatch, part.begin, part.end, std::move(what)));
}

Status CheckRun::take(PieceResult result) {
    for (const auto& [begin, end] : result.functions) TM_CHECK(judge_library(begin, end));
    for (const Finding& finding : result.findings) say(finding);
    summary_.counts.add(result.counts);
    for (auto& [name, value] : result.aux) summary_.aux.insert_or_assign(name, std::move(value));
    if (selects_.size() < kDbsMax)
        selects_.insert(selects_.end(), result.selects.begin(), result.selects.end());
    if (gap_ends_.size() < kDbsMax)
        gap_ends_.insert(gap_ends_.end(), result.gap_ends.begin(), result.gap_ends.end());
    if (settings_.limits.logs_keys) TM_CHECK(key_log_.add(result.places));
    const uint64_t bytes = result.end.place.offset - result.crc_begin;
    crc_ = result.crc_begin == 0 ? result.crc : crc64_combine(crc_, result.crc, bytes);
    place_ = result.end.place;
    is_eof_ = result.end.is_eof;
    is_cut_ = result.end.is_cut;
    on_progress_(place_.offset);
    if (place_.offset >= settings_.stop_after && !is_over()) summary_.is_limited = true;
    return {};
}

Status CheckRun::judge_library(uint64_t begin, uint64_t end) {
    std::optional<std::string> wrong = TM_TRY(libraries_.judge(input_, begin));
    if (!wrong) return {};
    ++summary_.counts.bad_functions;
    say(finding_at(FindingCode::kBadFunction, begin, end, std::move(*wrong)));
    return {};
}

void CheckRun::say(const Finding& finding) {
    if (summary_.is_limited) return;
    on_finding_(finding);
    if (row_of(finding.code).severity != Severity::kError) return;
    if (++errors_ == settings_.errors_max) summary_.is_limited = true;
}

Status CheckRun::finish(const PiecePlan& plan) {
    summary_.end_offset = place_.offset;
    if (settings_.limits.logs_keys) TM_CHECK(judge_duplicates());
    if (settings_.stride > 1) summary_.is_limited = true;
    if (summary_.is_limited) return {};
    summary_.is_whole = is_eof_;
    judge_index(plan);
    if (is_eof_) {
        TM_CHECK(judge_checksum());
        TM_CHECK(judge_rest());
    }
    if (summary_.counts.gaps > 0) TM_CHECK(judge_changes());
    if (!is_eof_) judge_missing();
    if (is_eof_ && summary_.counts.gaps + summary_.counts.bad_keys == 0) {
        judge_hints();
        judge_slot_hints();
    }
    return {};
}

Status CheckRun::judge_checksum() {
    using Checksum = CheckSummary::Checksum;
    if (summary_.head.version < rdb::kFirstVersionWithChecksum) {
        summary_.checksum = Checksum::kNone;
        return {};
    }
    const uint64_t begin = place_.offset;
    std::array<char, kChecksumBytes> bytes{};
    const size_t got = TM_TRY(input_.read_at(bytes.data(), bytes.size(), begin));
    summary_.end_offset = begin + got;
    if (got < bytes.size()) {
        is_cut_ = true;
        say(finding_at(FindingCode::kTruncated, begin, begin + got,
                       fmt::format("the checksum behind the last key is not whole: {} of {} bytes",
                                   got, bytes.size())));
        return {};
    }
    uint64_t stored = 0;
    for (size_t i = bytes.size(); i-- > 0;) stored = stored << 8 | static_cast<uint8_t>(bytes[i]);
    if (stored == 0) {
        summary_.checksum = Checksum::kAbsent;
        say(finding_at(FindingCode::kChecksumAbsent, begin, begin + got,
                       "the writer made no checksum, so nobody knows whether these are its bytes"));
        return {};
    }
    summary_.checksum = stored == crc_ ? Checksum::kFits : Checksum::kMismatch;
    if (stored == crc_) return {};
    const auto change = locate_change(crc_ ^ stored, begin);
    if (change) summary_.changed = {*change};
    std::string what =
        fmt::format("it is {:016x}, and that of the bytes in front {:016x}", stored, crc_);
    if (summary_.changed.empty() && summary_.counts.gaps + summary_.counts.bad_records() == 0) {
        what += fmt::format("; content damage cannot be located: all {} keys parse",
                            summary_.counts.keys());
    }
    if (change) what += describe(*change);
    say(finding_at(FindingCode::kChecksumMismatch, begin, begin + got, std::move(what)));
    return {};
}

// Where framing was lost and EOF was not met, the file's last bytes may be its checksum all the
// same.
Status CheckRun::judge_changes() {
    if (summary_.checksum != CheckSummary::Checksum::kNotReached) return {};
    const auto stored = TM_TRY(read_stored_checksum(input_));
    if (!stored || *stored == 0 || summary_.head.version < rdb::kFirstVersionWithChecksum)
        return {};
    const uint64_t begin = input_.size() - kChecksumBytes;
    const uint64_t crc = TM_TRY(checksum_of(input_, 0, begin));
    const auto change = locate_change(crc ^ *stored, begin);
    if (!change) return {};
    summary_.changed = {*change};
    const std::string what = "the file's last bytes are its checksum" + describe(*change);
    say(finding_at(FindingCode::kChecksumMismatch, begin, input_.size(), std::move(what)));
    return {};
}

Status CheckRun::judge_rest() {
    if (summary_.end_offset >= input_.size()) return {};
    const uint64_t begin = summary_.end_offset;
    const uint64_t bytes = input_.size() - begin;
    std::array<char, 5> next{};
    const size_t got = TM_TRY(input_.read_at(next.data(), next.size(), begin));
    const std::string_view text(next.data(), got);
    std::string what = fmt::format("{} bytes follow the end of the dump", bytes);
    if (text.starts_with('*') || text.starts_with('#')) {
        const auto preamble = summary_.aux.find("aof-preamble");
        const bool is_announced = preamble != summary_.aux.end() && preamble->second == "1";
        summary_.has_log = is_announced || begins_log(text);
        if (is_announced) return {};
        what += ": a log, it seems; aof-check reads it";
    } else if (text == rdb::kRedisMagic || text == rdb::kValkeyMagic.substr(0, text.size())) {
        what += ": another dump, which no server will read";
    }
    say(finding_at(FindingCode::kTrailingBytes, begin, input_.size(), std::move(what)));
    return {};
}

Status CheckRun::judge_duplicates() {
    std::vector<std::pair<uint64_t, uint64_t>> pairs;  // later, first
    uint64_t more = 0;
    const auto note = [&](uint64_t first, uint64_t later) {
        if (pairs.size() < kDuplicatesMax) {
            pairs.emplace_back(later, first);
        } else {
            ++more;
        }
        return stop_.check();
    };
    TM_CHECK(key_log_.find_equal(note, std::min(settings_.jobs, kDuplicateThreadsMax)));
    std::sort(pairs.begin(), pairs.end());
    for (const auto& [place, first] : pairs) {
        const uint64_t later = place & ~kDamagedPlace;
        const std::string name = TM_TRY(name_at(input_, later));
        if (name != TM_TRY(name_at(input_, first & ~kDamagedPlace))) continue;
        if (place != later) {
            summary_.shadowed.insert(later);
            continue;
        }
        Finding finding = finding_at(FindingCode::kDuplicateKey, later, later,
                                     fmt::format("this key was there before, at {}", first));
        finding.key = name;
        finding.has_key = true;
        finding.db = db_at(later);
        const bool is_sure = is_db_sure(later);
        if (!is_sure)
            finding.what += "; a SELECTDB between them may be lost, so a repair renames it";
        say(finding);
        summary_.duplicates.push_back({first, later, is_sure});
    }
    if (more > 0) {
        say(finding_at(FindingCode::kDuplicateKey, 0, 0,
                       fmt::format("{} more keys are there twice", more)));
    }
    return {};
}

// Which db is selected may be damage: behind a gap until the next SELECTDB, and where dbs do not
// come in ascending order. A segment that is what was sealed says it.
bool CheckRun::is_db_sure(uint64_t offset) const {
    const auto has = [&](const UnfitPart& part) {
        return part.begin <= offset && offset < part.end;
    };
    if (offset < sealed_to_ && std::none_of(summary_.unfit.begin(), summary_.unfit.end(), has))
        return true;
    const auto select = first_behind(selects_, offset);
    const auto gap_end = std::upper_bound(gap_ends_.begin(), gap_ends_.end(), offset);
    const uint64_t gap = gap_end == gap_ends_.begin() ? 0 : *std::prev(gap_end);
    if (select == selects_.begin()) return gap == 0;
    const auto last = std::prev(select);
    if (gap > last->offset) return false;
    return last == selects_.begin() || std::prev(last)->db < last->db;
}

std::optional<uint64_t> CheckRun::db_at(uint64_t offset) const {
    if (selects_.size() >= kDbsMax) return std::nullopt;
    const auto next = first_behind(selects_, offset);
    return next == selects_.begin() ? 0 : std::prev(next)->db;
}

void CheckRun::judge_hints() {
    for (const auto& [number, db] : summary_.counts.dbs) {
        const uint64_t keys = db.keys + db.left_out;
        const uint64_t with_expiry = db.with_expiry + db.left_out_with_expiry;
        const bool keys_fit = !db.hinted_keys || *db.hinted_keys == keys;
        const bool expiry_fits = !db.hinted_expiry || *db.hinted_expiry == with_expiry;
        if (keys_fit && expiry_fits) continue;
        Finding finding = finding_at(
            FindingCode::kCountHint, db.hint_offset, db.hint_offset,
            fmt::format("the file promises {} keys, {} with an expiry, and has {} and {}",
                        *db.hinted_keys, *db.hinted_expiry, keys, with_expiry));
        finding.db = number;
        say(finding);
    }
}

// The dump was cut: what RESIZEDB announces and did not come is lost.
void CheckRun::judge_missing() {
    uint64_t missing = 0;
    for (const auto& [number, db] : summary_.counts.dbs) {
        const uint64_t keys = db.keys + db.left_out;
        if (!db.hinted_keys || *db.hinted_keys <= keys) continue;
        missing += *db.hinted_keys - keys;
        Finding finding =
            finding_at(FindingCode::kCountHint, db.hint_offset, db.hint_offset,
                       fmt::format("the file promises {} keys, and {} come before it ends",
                                   *db.hinted_keys, keys));
        finding.db = number;
        say(finding);
    }
    // Of damaged keys the record is there.
    missing -= std::min(missing, summary_.counts.bad_keys);
    summary_.missing_keys = std::max(summary_.missing_keys, missing);
}

void CheckRun::judge_slot_hints() {
    if (summary_.counts.slots.size() >= kSlotHintsMax) return;
    for (const SlotCounts& slot : summary_.counts.slots) {
        if (slot.are_right()) continue;
        say(finding_at(
            FindingCode::kCountHint, slot.offset, slot.offset,
            fmt::format(
                "the file promises {} keys of slot {}, {} with an expiry, and has {} and {}",
                slot.hinted_keys, slot.slot, slot.hinted_expiry, slot.keys, slot.with_expiry)));
    }
}

void CheckRun::judge_index(const PiecePlan& plan) {
    if (!plan.index_error()) return;
    const Error& error = *plan.index_error();
    say(finding_at(FindingCode::kIndexMismatch,
                   error.offset == kNoOffset ? input_.size() : error.offset, input_.size(),
                   error.code == ErrorCode::kNotFound ? "the dump has seals and no index of them"
                                                      : error.what));
}

}  // namespace tidemark::rdb_check
