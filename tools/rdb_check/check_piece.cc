#include "tools/rdb_check/check_piece.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "rdb/codec/types.h"
#include "tools/rdb_check/changed_bytes.h"
#include "tools/rdb_check/key_judge.h"
#include "tools/rdb_check/summing_input.h"

namespace tidemark::rdb_check {

namespace {

using rdb::Finding;
using rdb::FindingCode;

// What a checker wants to know of them; a hostile file may have many others.
constexpr std::string_view kAuxOfInterest[] = {"redis-ver", "valkey-ver", "aof-base",
                                               "aof-preamble", "ctime"};

class PieceSink final : public KeyJudge, public WalkSink {
public:
    PieceSink(PieceResult& result, const CheckLimits& limits)
        : KeyJudge(limits.filter), result_(result), limits_(limits) {}

    // --- what the records hold
    void chosen_warning(const Finding& finding) override {
        if (is_of_empty_key(finding)) ++result_.counts.empty_keys;
        if (finding.code == FindingCode::kNanScore) ++result_.counts.nan_keys;
        result_.findings.push_back(finding);
    }
    Status select_db(uint64_t db) override {
        db_ = db;
        return {};
    }
    void aux(std::string_view name, std::string_view value) override {
        const auto* end = std::end(kAuxOfInterest);
        if (std::find(std::begin(kAuxOfInterest), end, name) == end) return;
        result_.aux.insert_or_assign(std::string(name), std::string(value.substr(0, 64)));
    }
    void resize_db(uint64_t keys, uint64_t with_expiry) override {
        if (DbCounts* db = counts_of(db_)) {
            db->hinted_keys = keys;
            db->hinted_expiry = with_expiry;
        }
    }
    void slot_info(uint64_t slot, uint64_t keys, uint64_t with_expiry) override {
        SlotCounts counts;
        counts.slot = slot;
        counts.hinted_keys = keys;
        counts.hinted_expiry = with_expiry;
        slots_read_.push_back(counts);
    }
    Status module_aux(std::string_view, uint64_t, uint64_t) override {
        ++result_.counts.module_values;
        return {};
    }
    Status key_meta(uint64_t, uint64_t) override {
        ++result_.counts.module_values;
        return {};
    }

    // --- which of them count
    Status good(const Step& record) override {
        if (record.is_key()) return good_key(record);
        if (record.kind == rdb::RecordKind::kSelectDb) good_select(record);
        if (record.kind == rdb::RecordKind::kResizeDb) good_hint(record);
        if (record.kind == rdb::RecordKind::kSlotInfo) good_slot_info(record);
        if (record.kind == rdb::RecordKind::kFunction) good_function(record);
        return {};
    }
    Status bad(const Step& record, const Finding& finding) override {
        if (!TM_TRY(is_chosen(record))) {
            leave_out(record);
            return {};
        }
        ++result_.counts.bad_keys;
        if (limits_.logs_keys)
            result_.places.push_back({record.key_hash, record.offset | kDamagedPlace});
        result_.findings.push_back(finding);
        Finding& mine = result_.findings.back();
        mine.begin = record.begin;
        mine.end = record.end;
        mine.what += fmt::format(" (at {})", finding.begin);
        return {};
    }
    Status gap(uint64_t begin, uint64_t end, const Finding& finding) override {
        ++result_.counts.gaps;
        if (result_.gap_ends.size() < kDbsMax) result_.gap_ends.push_back(end);
        result_.counts.lost_bytes += end - begin;
        result_.findings.push_back(finding);
        Finding& mine = result_.findings.back();
        mine.begin = begin;
        mine.end = end;
        mine.server.reset();  // what comes next it cannot read, whatever it makes of this
        mine.what +=
            fmt::format(" (at {}); {} bytes around it belong to no record that can be read",
                        finding.begin, end - begin);
        return {};
    }

    void begin_in(uint64_t db) { db_ = db; }

private:
    Status good_key(const Step& record) {
        SlotCounts& slot = result_.counts.slot_in_hand();
        ++slot.keys;
        if (record.expire_at_ms) ++slot.with_expiry;
        if (!TM_TRY(is_chosen(record))) {
            leave_out(record);
            return {};
        }
        if (record.type->kind.starts_with("module")) ++result_.counts.module_values;
        if (record.type->since > result_.counts.version_of_hashes && record.type->kind == "hash")
            result_.counts.version_of_hashes = record.type->since;
        if (record.db != cached_db_ || cached_ == nullptr) {
            cached_db_ = record.db;
            cached_ = counts_of(record.db);
        }
        if (cached_ != nullptr) {
            ++cached_->keys;
            if (record.expire_at_ms) {
                ++cached_->with_expiry;
                cached_->expired += *record.expire_at_ms < limits_.now_ms ? 1 : 0;
            }
        }
        if (limits_.logs_keys) result_.places.push_back({record.key_hash, record.offset});
        return {};
    }

    void good_function(const Step& record) {
        ++result_.counts.functions;
        if (!chooses()) result_.functions.emplace_back(record.begin, record.end);
    }

    void leave_out(const Step& record) {
        DbCounts* db = counts_of(record.db);
        if (db == nullptr) return;
        ++db->left_out;
        if (record.expire_at_ms) ++db->left_out_with_expiry;
    }

    void good_hint(const Step& record) {
        if (DbCounts* db = counts_of(record.db)) db->hint_offset = record.begin;
    }

    // Told a record late: the next may have been read already.
    void good_slot_info(const Step& record) {
        if (slots_read_.empty() || result_.counts.slots.size() >= kSlotHintsMax) return;
        SlotCounts counts = slots_read_.front();
        slots_read_.pop_front();
        counts.offset = record.begin;
        result_.counts.slots.push_back(counts);
    }

    void good_select(const Step& record) {
        if (result_.selects.size() < kDbsMax) result_.selects.push_back({record.end, record.db});
        if (record.db < limits_.databases) return;
        Finding finding;
        finding.code = FindingCode::kDbOutOfRange;
        finding.begin = record.begin;
        finding.end = record.end;
        finding.db = record.db;
        finding.what =
            fmt::format("a server with {} databases has none of this number", limits_.databases);
        result_.findings.push_back(std::move(finding));
    }

    DbCounts* counts_of(uint64_t db) {
        if (result_.counts.dbs.size() >= kDbsMax && !result_.counts.dbs.contains(db))
            return nullptr;
        return &result_.counts.dbs[db];
    }

    PieceResult& result_;
    const CheckLimits& limits_;
    uint64_t db_ = 0;
    std::deque<SlotCounts> slots_read_;  // and not told of yet
    uint64_t cached_db_ = 0;
    DbCounts* cached_ = nullptr;
};

}  // namespace

void DbCounts::add(const DbCounts& other) {
    keys += other.keys;
    with_expiry += other.with_expiry;
    expired += other.expired;
    left_out += other.left_out;
    left_out_with_expiry += other.left_out_with_expiry;
    if (other.hinted_keys) hinted_keys = other.hinted_keys;
    if (!other.hinted_expiry) return;
    hinted_expiry = other.hinted_expiry;
    hint_offset = other.hint_offset;
}

uint64_t CheckCounts::keys() const {
    uint64_t sum = 0;
    for (const auto& [number, db] : dbs) sum += db.keys;
    return sum;
}

uint64_t CheckCounts::left_out() const {
    uint64_t sum = 0;
    for (const auto& [number, db] : dbs) sum += db.left_out;
    return sum;
}

uint64_t CheckCounts::keys_from(uint64_t databases) const {
    uint64_t sum = 0;
    for (auto db = dbs.lower_bound(databases); db != dbs.end(); ++db) sum += db->second.keys;
    return sum;
}

void CheckCounts::add(const CheckCounts& other) {
    slot_in_hand().keys += other.before_slots.keys;
    slot_in_hand().with_expiry += other.before_slots.with_expiry;
    slots.insert(slots.end(), other.slots.begin(), other.slots.end());
    for (const auto& [number, db] : other.dbs) {
        if (dbs.size() < kDbsMax || dbs.contains(number)) dbs[number].add(db);
    }
    functions += other.functions;
    bad_functions += other.bad_functions;
    module_values += other.module_values;
    bad_keys += other.bad_keys;
    empty_keys += other.empty_keys;
    nan_keys += other.nan_keys;
    lost_bytes += other.lost_bytes;
    gaps += other.gaps;
    version_of_hashes = std::max(version_of_hashes, other.version_of_hashes);
}

Result<PieceResult> check_piece(rdb::Input& input, const DumpHead& head, const PieceSpec& spec,
                                const CheckLimits& limits, const tools::StopFlag& stop,
                                rdb::UniqueSpill* spill) {
    PieceResult result;
    PieceSink sink(result, limits);
    WalkRange range = spec.range;
    if (!spec.is_exact) {
        const auto start = TM_TRY(Walk(input, head, sink, sink, stop).find_first(range));
        if (!start) {
            result.has_start = false;
            return result;
        }
        range.start = *start;
    }
    result.start = range.start;
    if (result.start.offset > rdb::kHeadBytes) result.crc_begin = result.start.offset;
    sink.begin_in(range.start.db);
    SummingInput summing(input, result.crc_begin);
    Walk walk(summing, head, sink, sink, stop, spill);
    result.end = TM_TRY(walk.run(range));
    const auto crc = summing.checksum_to(result.end.place.offset);
    result.crc = crc ? *crc : TM_TRY(checksum_of(input, result.crc_begin, result.end.place.offset));
    return result;
}

}  // namespace tidemark::rdb_check
