#include "tools/rdb_check/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rdb/codec/encoder.h"
#include "rdb/codec/pack.h"
#include "rdb/codec/primitives.h"
#include "rdb/codec/types.h"
#include "tools/common/text.h"
#include "tools/dump_diff/unique_log.h"
#include "tools/rdb_check/dump_output.h"
#include "tools/rdb_check/good_prefix.h"
#include "tools/rdb_check/input_from.h"
#include "tools/rdb_check/key_judge.h"
#include "tools/rdb_check/score_mender.h"
#include "tools/rdb_check/stream_mender.h"

namespace tidemark::rdb_check {

namespace {

constexpr size_t kReadAheadBytes = 1024 * 1024;

// The same, or the lowest that is written, or what hashes need whose fields expire.
int version_to_write(const CheckSummary& checked) {
    return std::max(
        {checked.head.version, rdb::kFirstVersionWritten, checked.counts.version_of_hashes});
}

rdb::DumpOptions dump_options(const CheckSummary& checked, rdb::Sealing sealing) {
    rdb::DumpOptions options;
    options.dialect = checked.head.dialect;
    options.version = version_to_write(checked);
    options.sealing = sealing;
    return options;
}

// For a record of that type, in a form that holds what it holds, even in a file that says that it
// is older. What a stream's first form derives was made from it.
rdb::EncodeOptions encode_options(const rdb::DumpOptions& dump, const rdb::TypeRow& type) {
    rdb::EncodeOptions options;
    options.dialect = dump.dialect;
    options.version = std::max<int>(dump.version, type.since);
    options.loss = rdb::LossPolicy::kDrop;
    return options;
}

}  // namespace

// What is heard while a record is read, for when it turns out to be good.
class Rewrite::Notes final : public KeyJudge {
public:
    using KeyJudge::chooses;
    using KeyJudge::is_chosen;
    using KeyJudge::KeyJudge;

    Status begin_key(const rdb::KeyRecord& key) override {
        offset_ = key.offset;
        return KeyJudge::begin_key(key);
    }
    void chosen_warning(const rdb::Finding& finding) override {
        if (is_of_empty_key(finding)) empty_.insert(offset_);
        if (finding.code == rdb::FindingCode::kStreamRepairable) streams_.insert(offset_);
        if (finding.code == rdb::FindingCode::kZipmapCount) zipmaps_.insert(offset_);
        if (finding.code == rdb::FindingCode::kNanScore) nans_.insert(offset_);
    }

    bool takes_empty(uint64_t offset) { return empty_.erase(offset) != 0; }
    bool takes_stream(uint64_t offset) { return streams_.erase(offset) != 0; }
    bool takes_zipmap(uint64_t offset) { return zipmaps_.erase(offset) != 0; }
    bool takes_nan(uint64_t offset) { return nans_.erase(offset) != 0; }

private:
    uint64_t offset_ = 0;
    std::set<uint64_t> empty_;
    std::set<uint64_t> streams_;
    std::set<uint64_t> zipmaps_;  // that a server does not take as they are
    std::set<uint64_t> nans_;
};

Rewrite::Rewrite(rdb::Input& input, const CheckSummary& checked, rdb::ByteSink& out,
                 RewriteOptions options, const tools::StopFlag& stop)
    : input_(input),
      checked_(checked),
      options_(std::move(options)),
      stop_(stop),
      dump_(out, dump_options(checked, options_.sealing)),
      notes_(std::make_unique<Notes>(options_.filter)),
      libraries_(checked.head.dialect),
      window_(kReadAheadBytes) {}

Rewrite::~Rewrite() = default;

void Rewrite::choose_duplicates() {
    std::map<uint64_t, uint64_t> last_of;  // by the first
    for (const DuplicateKey& pair : checked_.duplicates) {
        if (!pair.is_db_sure) continue;
        uint64_t& last = last_of[pair.first];
        last = std::max(last, pair.later);
    }
    for (const DuplicateKey& pair : checked_.duplicates) {
        if (options_.duplicates == Duplicates::kRename || !pair.is_db_sure) {
            renamed_.insert(pair.later);
        } else if (options_.duplicates == Duplicates::kKeepFirst) {
            dropped_.insert(pair.later);
        } else {
            dropped_.insert(pair.first);
            if (pair.later != last_of[pair.first]) dropped_.insert(pair.later);
        }
    }
}

Result<RewriteResult> Rewrite::run() {
    choose_duplicates();
    TM_CHECK(dump_.begin());
    TM_CHECK(walk_pieces());
    TM_CHECK(dump_.finish());
    result_.keys = dump_.keys();
    result_.bytes = dump_.bytes();
    return std::move(result_);
}

Status Rewrite::walk_pieces() {
    const PiecePlan plan = TM_TRY(PiecePlan::make(input_));
    UniqueLog spill(options_.spool_folder);
    Walk walk(input_, checked_.head, *notes_, *this, stop_, &spill);
    if (!plan.is_sealed()) {
        WalkRange whole;
        whole.start = {rdb::kHeadBytes, 0};
        TM_TRY(walk.run(whole));
        return {};
    }
    for (size_t number = 0; const auto spec = plan.piece(number); ++number) {
        if (spec->segments == 0) TM_TRY(walk.run(spec->range));
        // One by one, so that damage in one does not reach into the next.
        for (size_t i = 0; i < spec->segments; ++i)
            TM_TRY(walk.run(plan.piece_of(spec->first_segment + i).range));
    }
    return {};
}

// Selects the db, and says how many keys it has where the original did.
Status Rewrite::enter_db(uint64_t db) {
    TM_CHECK(dump_.select(db));
    const auto counts = checked_.counts.dbs.find(db);
    if (counts == checked_.counts.dbs.end() || !counts->second.hinted_keys) return {};
    if (!hinted_.insert(db).second || dump_.options().version < rdb::kFirstVersionWithAux)
        return {};
    if (!knows_counts()) {
        ++result_.hints_left_out;
        return {};
    }
    Buffer hint;
    rdb::pack_byte(hint, rdb::opcode::kResizeDb);
    rdb::pack_length(hint, counts->second.keys);
    rdb::pack_length(hint, counts->second.with_expiry);
    TM_CHECK(dump_.write(hint.view()));
    const bool was_right = counts->second.hinted_keys == counts->second.keys &&
                           counts->second.hinted_expiry == counts->second.with_expiry;
    if (!was_right) ++result_.hints_set;
    return dump_.end_record(0);
}

// Which db or slot each key belongs to that was read and is not written, or is under another name,
// turns out later; so does which are kept in part.
bool Rewrite::knows_counts() const {
    const CheckCounts& counts = checked_.counts;
    const bool may_keep_parts = options_.damaged != DamagedValues::kLeaveOut && counts.bad_keys > 0;
    const bool may_empty = options_.nan_members == NanMembers::kLeaveOut && counts.nan_keys > 0;
    return !may_keep_parts && !may_empty && counts.empty_keys == 0 && checked_.duplicates.empty();
}

// A hint: where it is not known what it should say, it is left out.
Status Rewrite::write_slot_info(const Step& record) {
    const std::vector<SlotCounts>& slots = checked_.counts.slots;
    const auto slot = std::lower_bound(
        slots.begin(), slots.end(), record.begin,
        [](const SlotCounts& one, uint64_t offset) { return one.offset < offset; });
    const bool is_known = slot != slots.end() && slot->offset == record.begin;
    if (!is_known || notes_->chooses() || !knows_counts() || checked_.counts.gaps > 0) {
        ++result_.hints_left_out;
        return {};
    }
    Buffer hint;
    rdb::pack_byte(hint, rdb::opcode::kSlotInfo);
    for (const uint64_t number : {slot->slot, slot->keys, slot->with_expiry})
        rdb::pack_length(hint, number);
    TM_CHECK(enter_db(record.db));
    TM_CHECK(dump_.write(hint.view()));
    if (!slot->are_right()) ++result_.hints_set;
    return dump_.end_record(0);
}

Status Rewrite::good(const Step& record) {
    if (record.is_key()) return good_key(record);
    if (record.kind == rdb::RecordKind::kSlotInfo) return write_slot_info(record);
    if (!TM_TRY(is_wanted_outside(record))) return {};
    if (record.kind == rdb::RecordKind::kFunction) return good_function(record);
    TM_CHECK(copy_bytes(dump_, record.begin, record.end));
    return dump_.end_record(0);
}

Result<bool> Rewrite::is_wanted_outside(const Step& record) {
    switch (record.kind) {
        case rdb::RecordKind::kAux:
            return is_wanted_aux(record);
        case rdb::RecordKind::kSelectDb:  // comes with the first key
        case rdb::RecordKind::kResizeDb:
        case rdb::RecordKind::kEof:
            return false;
        default:
            return !notes_->chooses();
    }
}

// Seals and their index speak of the bytes around them, and are made anew. Of a part of the keys
// not everything is true that was of all of them.
Result<bool> Rewrite::is_wanted_aux(const Step& record) {
    InputFrom rest(input_, record.offset + 1);
    rdb::Primitives in(rest);
    const std::string_view name = TM_TRY(in.string());
    return notes_->chooses() ? is_carried_over(name) : !name.starts_with(rdb::kOwnAuxPrefix);
}

Status Rewrite::good_function(const Step& record) {
    std::optional<std::string> wrong = TM_TRY(libraries_.judge(input_, record.begin));
    if (wrong) {
        rdb::Finding finding;
        finding.code = rdb::FindingCode::kBadFunction;
        finding.what = std::move(*wrong);
        return lose(record.begin, record.end, finding);
    }
    TM_CHECK(copy_bytes(dump_, record.begin, record.end));
    return dump_.end_record(0);
}

Status Rewrite::good_key(const Step& record) {
    if (!TM_TRY(notes_->is_chosen(record))) return {};
    if (record.db >= options_.databases) {
        ++result_.out_of_range;
        LostRange range{record.begin, record.end, {}, fmt::format("a key of db {}", record.db)};
        return put_aside(range);
    }
    if (notes_->takes_empty(record.offset)) {
        ++result_.empty_dropped;
        return {};
    }
    if (dropped_.contains(record.offset)) {
        ++result_.duplicates_dropped;
        LostRange range{record.begin, record.end, {}, "a key that is there twice"};
        return put_aside(range);
    }
    if (notes_->takes_nan(record.offset)) return mend_scores(record);
    TM_CHECK(enter_db(record.db));
    if (notes_->takes_stream(record.offset)) return encode_again(record, Mending::kStream);
    if (notes_->takes_zipmap(record.offset)) return encode_again(record, Mending::kForm);
    if (renamed_.contains(record.offset)) return copy_renamed(record);
    return copy(record);
}

Status Rewrite::copy(const Step& record) {
    TM_CHECK(copy_bytes(dump_, record.begin, record.end));
    return dump_.end_record(1);
}

Result<Rewrite::ReadName> Rewrite::read_name(const Step& record) {
    InputFrom rest(input_, record.offset + 1);
    rdb::Primitives in(rest);
    std::string name(TM_TRY(in.string()));
    return ReadName{std::move(name), record.offset + 1 + in.offset()};
}

std::string Rewrite::other_name(std::string_view name, const Step& record) {
    ++result_.duplicates_renamed;
    return fmt::format("{}:duplicate-at-{}", name, record.offset);
}

// Empty: it keeps its own.
Result<std::string> Rewrite::new_name(const Step& record) {
    if (!renamed_.contains(record.offset)) return std::string();
    return other_name(TM_TRY(read_name(record)).name, record);
}

Status Rewrite::copy_renamed(const Step& record) {
    const ReadName old = TM_TRY(read_name(record));
    TM_CHECK(copy_bytes(dump_, record.begin, record.offset + 1));
    Buffer renamed;
    rdb::pack_raw_string(renamed, other_name(old.name, record));
    TM_CHECK(dump_.write(renamed.view()));
    TM_CHECK(copy_bytes(dump_, old.end, record.end));
    return dump_.end_record(1);
}

// Read again and encoded, a stream's counts set right on the way.
Status Rewrite::encode_again(const Step& record, Mending mending) {
    ++result_.values_mended;
    rdb::Encoder encoder(dump_, encode_options(dump_.options(), *record.type));
    std::string name = TM_TRY(new_name(record));
    if (mending == Mending::kStream) {
        StreamMender mender(encoder, std::move(name));
        return read_again(record, mender);
    }
    ValueMender mender(encoder, std::move(name));
    return read_again(record, mender);
}

Status Rewrite::mend_scores(const Step& record) {
    NanFinder nans;
    TM_CHECK(read_again(record, nans));
    std::vector<uint64_t> found = nans.take();
    if (options_.nan_members == NanMembers::kGetZero) {
        result_.scores_set += found.size();
        found.clear();
    } else {
        result_.members_dropped += found.size();
        LostRange range{record.begin, record.end, {}, "members whose scores are not numbers"};
        TM_CHECK(put_aside(range));
        if (found.size() == nans.count()) return {};
    }
    TM_CHECK(enter_db(record.db));
    rdb::Encoder encoder(dump_, encode_options(dump_.options(), *record.type));
    ScoreMender mender(encoder, TM_TRY(new_name(record)), std::move(found));
    return read_again(record, mender);
}

Status Rewrite::read_again(const Step& record, rdb::ValueSink& sink) {
    RecordStepper stepper(input_, checked_.head, sink, {.nan_scores = rdb::NanScores::kPass});
    stepper.seek({record.begin, record.db});
    TM_TRY(stepper.read());
    return {};
}

Status Rewrite::copy_bytes(rdb::ByteSink& to, uint64_t begin, uint64_t end) {
    while (begin < end) {
        const size_t wanted = std::min<uint64_t>(window_.size(), end - begin);
        const size_t got = TM_TRY(input_.read_at(window_.data(), wanted, begin));
        if (got == 0) {
            return fail(ErrorCode::kIo, "the input became shorter while being read", begin);
        }
        TM_CHECK(to.write({window_.data(), got}));
        begin += got;
    }
    return {};
}

Status Rewrite::bad(const Step& record, const rdb::Finding& finding) {
    if (!TM_TRY(notes_->is_chosen(record))) return {};
    const bool may_keep = options_.damaged == DamagedValues::kKeepPrefix;
    if (may_keep && TM_TRY(keep_prefix(record, finding))) return {};
    return lose(record.begin, record.end, finding);
}

// False when nothing of it can be kept, or not beside another key of its name.
Result<bool> Rewrite::keep_prefix(const Step& record, const rdb::Finding& finding) {
    const bool is_newer = record.type->since > dump_.options().version;
    if (is_newer || checked_.shadowed.contains(record.offset)) return false;
    GoodPrefix prefix = TM_TRY(GoodPrefix::find(input_, checked_.head, record));
    if (prefix.elements() == 0) return false;
    TM_CHECK(enter_db(record.db));
    rdb::Encoder encoder(dump_, encode_options(dump_.options(), *record.type));
    TM_CHECK(prefix.write(encoder));
    LostRange range{record.begin, record.end, finding.key, finding.what};
    TM_CHECK(put_aside(range));
    ++result_.partial_keys;
    if (result_.partial.size() < kLostListedMax) {
        result_.partial.push_back(
            {std::move(range), record.db, type_name(*record.type), prefix.elements()});
    }
    return true;
}

Status Rewrite::gap(uint64_t begin, uint64_t end, const rdb::Finding& finding) {
    return lose(begin, end, finding);
}

Status Rewrite::lose(uint64_t begin, uint64_t end, const rdb::Finding& finding) {
    LostRange range{begin, end, finding.has_key ? finding.key : std::string(), finding.what};
    result_.lost_bytes += end - begin;
    if (finding.has_key) ++result_.lost_keys;
    TM_CHECK(put_aside(range));
    if (result_.lost.size() < kLostListedMax) result_.lost.push_back(std::move(range));
    return {};
}

Status Rewrite::put_aside(const LostRange& range) {
    if (options_.lost_path.empty() || range.begin == range.end) return {};
    if (!lost_) {
        lost_ = TM_TRY(tools::OutputFile::create(options_.lost_path, options_.lost_if_exists,
                                                 tools::kOutputBufferBytes, options_.lost_mode));
    }
    TM_CHECK(lost_->write(
        fmt::format("lost {} {} {}\n", range.begin, range.end, tools::escape(range.what))));
    TM_CHECK(copy_bytes(*lost_, range.begin, range.end));
    return lost_->write("\n");
}

Result<std::string> Rewrite::commit_lost() {
    if (!lost_) return std::string();
    TM_CHECK(lost_->commit());
    return options_.lost_path;
}

}  // namespace tidemark::rdb_check
