#include "tools/rdb_check/walk.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "rdb/codec/types.h"

namespace tidemark::rdb_check {

namespace {

// How many whole records in a row make a start believable.
constexpr int kRecordsBelieved = 4;
// Of records that lead to a place, one with a name that is text weighs as much as so many others.
constexpr uint32_t kTextWeight = 4;
// Where names are text, so much of others is believed in front of what may be EOF. A dump that was
// cut may look as if it had one.
constexpr uint32_t kWeightBeforeEof = 2;
// A guess that selects a db past those of a server as it comes is none.
constexpr uint64_t kDbsBelieved = 16;
constexpr size_t kWalkWindowBytes = 64 * 1024;
constexpr uint64_t kStopEveryBytes = 256 * 1024;
// Looking for a start parses bytes again and again. Past so many times the file's size the rest is
// given up, so that no file can make it take forever.
constexpr uint64_t kScoutedTimesMax = 16;
constexpr uint64_t kScoutedBytesMin = 256 * 1024 * 1024;
// Bytes that are passed over by their framing take so much less time.
constexpr uint64_t kFramedBytesPerParsed = 8;
// Where a piece begins is a guess to save time, so it must not take much.
constexpr uint64_t kGuessWithin = 128 * 1024;
constexpr uint64_t kGuessScoutedBytes = 128 * 1024;
constexpr uint64_t kTextSearchBytes = 1024 * 1024;
constexpr uint64_t kChecksumBytes = 8;
// Behind an EOF in the middle of a dump a record begins within this.
constexpr uint64_t kFalseEofSearchBytes = 1024 * 1024;

bool is_about_the_bytes(const Error& error) {
    return error.code == ErrorCode::kTruncated || error.code == ErrorCode::kCorrupt ||
           error.code == ErrorCode::kUnsupported;
}

bool has_no_name(const Step& step) {
    return step.is_key() && step.name_bytes == 0;
}

// Zeros, or numbers in binary, that parse as a key.
bool is_rather_zeros(const Step& step) {
    constexpr uint64_t kBytesBelieved = 12;
    return has_no_name(step) && step.end - step.begin < kBytesBelieved;
}

rdb::Finding damage_at(uint64_t begin, rdb::FindingCode code, std::string_view what) {
    rdb::Finding finding;
    finding.code = code;
    finding.begin = begin;
    finding.end = begin + 1;
    finding.what = what;
    return finding;
}

rdb::Finding false_eof(uint64_t begin) {
    return damage_at(begin, rdb::FindingCode::kUnknownOpcode, "an EOF with more records behind it");
}

rdb::Finding overrun(uint64_t begin) {
    return damage_at(begin, rdb::FindingCode::kBadLength, "a record that reaches over a seal");
}

rdb::Finding zeros(uint64_t begin) {
    return damage_at(begin, rdb::FindingCode::kBadEncoding,
                     "a second key without a name: zeros where records were");
}

}  // namespace

Walk::Walk(rdb::Input& input, const DumpHead& head, rdb::ValueSink& values, WalkSink& sink,
           const tools::StopFlag& stop, rdb::UniqueSpill* spill)
    : input_(input),
      head_(head),
      stepper_(input, head, values, {.spill = spill, .nan_scores = rdb::NanScores::kPass}),
      scout_(input, head, nowhere_, {.names = LookAtNames::kYes}),
      sink_(sink),
      stop_(stop),
      scouted_max_(std::max(kScoutedBytesMin, kScoutedTimesMax * input.size())) {}

Status Walk::release() {
    for (const Step& step : held_) TM_CHECK(sink_.good(step));
    held_.clear();
    return {};
}

Status Walk::take(const Step& step, uint64_t db_before) {
    // An AUX field may stand between a key's expiry and its type, and is then within the key.
    if (!held_.empty() && step.begin < held_.back().end) held_.pop_back();
    if (!is_rather_zeros(step)) TM_CHECK(release());
    held_.push_back(step);
    db_before_ = db_before;
    return {};
}

// Dbs come in ascending order. A SELECTDB in front of a gap that breaks it is part of the damage:
// an expiry, say.
uint64_t Walk::db_in_hand() const {
    const uint64_t db = stepper_.place().db;
    const bool is_select = !held_.empty() && held_.back().kind == rdb::RecordKind::kSelectDb;
    return is_select && (db < db_before_ || db >= kDbsBelieved) ? db_before_ : db;
}

Result<WalkEnd> Walk::run(const WalkRange& range) {
    stepper_.seek(range.start);
    held_.clear();
    uint64_t next_stop = 0;
    while (true) {
        const auto [begin, db] = stepper_.place();
        if (begin >= range.limit) {
            TM_CHECK(release());
            return WalkEnd{stepper_.place(), false, false};
        }
        if (begin >= next_stop) {
            TM_CHECK(stop_.check());
            next_stop = begin + kStopEveryBytes;
        }
        const Result<const Step*> read = stepper_.read();
        const Step* step = read ? *read : nullptr;
        const bool are_zeros =
            step && has_no_name(*step) && !held_.empty() && has_no_name(held_.back());
        const bool overruns = step && range.known_next && step->end > range.known_next->offset;
        if (step && !step->is_eof() && !are_zeros && !overruns) {
            TM_CHECK(take(*step, db));
            continue;
        }
        if (step && !are_zeros && !overruns && !TM_TRY(is_false_eof(range, *step))) {
            TM_CHECK(release());
            return WalkEnd{stepper_.place(), true, false};
        }
        if (!step && !is_about_the_bytes(read.error())) return fail(read.error());
        if (!step && TM_TRY(pass_over(range, begin))) continue;
        const WalkEnd end = TM_TRY(cross_gap(range, begin,
                                             are_zeros  ? zeros(begin)
                                             : overruns ? overrun(begin)
                                             : step     ? false_eof(begin)
                                                        : stepper_.finding()));
        if (end.is_cut) return end;
        stepper_.seek(end.place);
    }
}

uint64_t Walk::behind_checksum(const Step& eof) const {
    return eof.end + (head_.version >= rdb::kFirstVersionWithChecksum ? kChecksumBytes : 0);
}

// Damage inside a value whose framing holds: the record is bad, and nothing else is.
Result<bool> Walk::pass_over(const WalkRange& range, uint64_t begin) {
    const rdb::Finding finding = stepper_.finding();
    const bool is_text = TM_TRY(is_among_text());
    scout_.seek({begin, stepper_.place().db});
    const Result<const Step*> skipped = scout_.skip();
    if (!skipped || !(*skipped)->is_key()) return false;
    const Step step = **skipped;
    // A name of another kind than its neighbours': rather a place where framing is lost already.
    if (is_text && !step.is_name_text) return false;
    if (range.known_next && step.end > range.known_next->offset) return false;
    // What follows must hold too, at least in its framing: its contents may be damaged as well.
    for (int i = 1; i < kRecordsBelieved && scout_.place().offset < range.limit; ++i) {
        const Result<const Step*> next = scout_.skip();
        if (!next) return false;
        if (!(*next)->is_eof()) continue;
        if (behind_checksum(**next) > input_.size()) return false;
        break;
    }
    // Where a count or a length grew, it reaches over others, which parse up to its end.
    if (TM_TRY(heaviest_lead(step.offset + 1, step.end)).weight > kTextWeight) return false;
    TM_CHECK(release());
    TM_CHECK(sink_.bad(step, finding));
    stepper_.seek({step.end, step.db});
    return true;
}

// The record that is next. nullptr: none that is believed.
Result<const Step*> Walk::scout_next() {
    const uint64_t begin = scout_.place().offset;
    const Result<const Step*> read = scout_.read();
    scouted_ += scout_.place().offset - std::min(begin, scout_.place().offset);
    if (read) return (*read)->db < kDbsBelieved ? *read : nullptr;
    if (!is_about_the_bytes(read.error())) return fail(read.error());
    return nullptr;
}

// Whether the first of them can be passed over: most that claim to be long fail behind their end,
// and a string is passed at once.
Result<bool> Walk::is_framed(uint64_t offset) {
    scout_.seek({offset, 0});
    for (int i = 0; i < kRecordsBelieved; ++i) {
        const uint64_t begin = scout_.place().offset;
        const Result<const Step*> next = scout_.skip();
        if (!next && !is_about_the_bytes(next.error())) return fail(next.error());
        const bool is_one_string =
            next && (*next)->is_key() && (*next)->type->shape == rdb::Shape::kString;
        const uint64_t end = scout_.place().offset;
        if (!is_one_string) scouted_ += (end - std::min(begin, end)) / kFramedBytesPerParsed;
        if (!next || (i == 0 && has_no_name(**next))) return false;
        if ((*next)->is_eof()) return true;
    }
    return true;
}

// From `offset`, records parse deeply: four of them and past `damage`, or to the end.
Result<Walk::Start> Walk::try_start(uint64_t offset, uint64_t damage, Names names) {
    if (!TM_TRY(is_framed(offset))) return Start::kNone;
    scout_.seek({offset, 0});
    int records = 0;
    bool may_lack_name = false;  // one of a db, and not the first
    while (records < kRecordsBelieved || scout_.place().offset <= damage) {
        chain_end_ = scout_.place().offset;
        const Step* step = TM_TRY(scout_next());
        if (step == nullptr) return Start::kNone;
        if (step->is_eof()) {
            if (behind_checksum(*step) != input_.size()) return Start::kNone;
            return records > 0 ? Start::kRecords : Start::kEof;
        }
        // Runs of zeros parse as empty strings without a name, and numbers in binary as others.
        if (has_no_name(*step)) {
            if (!std::exchange(may_lack_name, false)) return Start::kNone;
            continue;
        }
        if (names == Names::kText && step->is_key() && !step->is_name_text) return Start::kNone;
        if (records == 0 || step->kind == rdb::RecordKind::kSelectDb) may_lack_name = true;
        ++records;
    }
    chain_end_ = scout_.place().offset;
    return Start::kRecords;
}

// Whether a record lies at `offset` and ends at `border` or in front of it: a step, or nullptr.
Result<const Step*> Walk::scout_within(uint64_t offset, uint64_t border) {
    if (!TM_TRY(may_begin_record(offset))) return nullptr;
    // Past what claims to be long at once.
    scout_.seek({offset, 0});
    const Result<const Step*> framed = scout_.skip();
    if (!framed && !is_about_the_bytes(framed.error())) return fail(framed.error());
    if (!framed || (*framed)->end > border) return nullptr;
    scout_.seek({offset, 0});
    const Step* step = TM_TRY(scout_next());
    if (step == nullptr || step->is_eof() || is_rather_zeros(*step)) return nullptr;
    return step;
}

// What makes up the bytes from `from` or later on to `border`, where a record ends, and weighs
// most. By accident bytes of a damaged value look like a record that ends where a real one does,
// and swallows those in front of it, or is the end of one: the real ones are more, or have names.
Result<Walk::Lead> Walk::heaviest_lead(uint64_t from, uint64_t border) {
    from = std::max(from, border - std::min(border, lead_bytes_max_));
    // What leads from each offset to the border, and 1; 0: it is no place for a record.
    std::vector<uint32_t> weights(border - std::min(from, border) + 1);
    weights.back() = 1;
    Lead best{border, border, 0};
    for (uint64_t offset = border; offset-- > from && scouted_ <= scouted_max_;) {
        const Step* step = TM_TRY(scout_within(offset, border));
        const uint32_t behind = step != nullptr ? weights[step->end - from] : 0;
        if (behind == 0) continue;
        const uint32_t weight =
            behind - 1 + (step->is_key() && step->is_name_text ? kTextWeight : 1);
        weights[offset - from] = weight + 1;
        const bool is_same = weight == best.weight && step->offset == best.key;
        if (weight > best.weight || is_same) best = {offset, step->offset, weight};
        // Behind a key's attributes no record begins.
        if (step->offset > offset) weights[step->offset - from] = 0;
    }
    return best;
}

// By the byte alone: most are neither a type nor an opcode.
Result<bool> Walk::may_begin_record(uint64_t offset) {
    if (offset < window_begin_ || offset >= window_begin_ + window_.size()) {
        window_.resize(kWalkWindowBytes);
        window_begin_ = offset;
        window_.resize(TM_TRY(input_.read_at(window_.data(), window_.size(), offset)));
        if (window_.empty()) return false;
    }
    const auto first = static_cast<uint8_t>(window_[offset - window_begin_]);
    return first >= rdb::opcode::kKeyMeta || rdb::find_type(head_.dialect, first) != nullptr;
}

Result<Walk::Found> Walk::find_start(const WalkRange& range, uint64_t from, uint64_t damage) {
    // Among records whose names are text, others are sought only where there are none.
    if (TM_TRY(is_among_text())) {
        WalkRange nearby = range;
        nearby.search_end = std::min(range.search_end, damage + kTextSearchBytes);
        const Found found = TM_TRY(find_start(nearby, from, damage, Names::kText));
        if (found.start == Start::kRecords || found.start == Start::kKnown) return found;
        const Found any = TM_TRY(find_start(range, from, damage, Names::kAny));
        return found.start == Start::kEof && any.weight < kWeightBeforeEof ? found : any;
    }
    return find_start(range, from, damage, Names::kAny);
}

// By the last record that was read well. Most names are, so without one it is taken for granted.
Result<bool> Walk::is_among_text() {
    if (held_.empty() || !held_.back().is_key()) return true;
    scout_.seek({held_.back().begin, 0});
    const Result<const Step*> step = scout_.skip();
    return step && (*step)->is_key() && (*step)->is_name_text;
}

Result<Walk::Found> Walk::find_start(const WalkRange& range, uint64_t from, uint64_t damage,
                                     Names names) {
    const uint64_t end =
        range.known_next ? range.known_next->offset : std::min(input_.size(), range.search_end);
    for (uint64_t offset = from; offset < end; ++offset) {
        if ((offset & 0xffff) == 0) TM_CHECK(stop_.check());
        if (scouted_ > scouted_max_) break;
        if (!TM_TRY(may_begin_record(offset))) continue;
        const Start start = TM_TRY(try_start(offset, damage, names));
        // An EOF alone is believed behind the damage only: in front of it, it ends a listpack.
        if (start == Start::kNone || (start == Start::kEof && offset <= damage)) continue;
        if (start == Start::kEof) return Found{start, {offset, db_in_hand()}, 0};
        if (chain_end_ - offset > lead_bytes_max_)
            return Found{start, {offset, db_in_hand()}, kWeightBeforeEof};
        const Lead lead = TM_TRY(heaviest_lead(from, chain_end_));
        return Found{start, {lead.offset, db_in_hand()}, lead.weight};
    }
    if (range.known_next) return Found{Start::kKnown, *range.known_next, 0};
    return Found{};
}

// A type byte that became EOF's: whole records follow where nothing, a log, or another dump should.
Result<bool> Walk::is_false_eof(const WalkRange& range, const Step& eof) {
    if (range.known_next) return eof.end < range.known_next->offset;
    const uint64_t behind = behind_checksum(eof);
    if (behind >= input_.size()) return false;
    std::array<char, 5> next{};
    const size_t got = TM_TRY(input_.read_at(next.data(), next.size(), behind));
    const std::string_view text(next.data(), got);
    if (text.starts_with('*') || text.starts_with('#') || text == rdb::kRedisMagic) return false;
    WalkRange nearby = range;
    nearby.known_next.reset();
    nearby.search_end = std::min(input_.size(), behind + kFalseEofSearchBytes);
    const Found found = TM_TRY(find_start(nearby, eof.begin + 1, behind));
    return found.start == Start::kRecords;
}

// Where a seal says that another db is selected at the end, and nothing behind the gap selects it,
// the gap did.
Result<uint64_t> Walk::db_behind(const WalkRange& range, const WalkPlace& place) {
    if (!range.known_next || range.known_next->db == place.db) return place.db;
    scout_.seek(place);
    while (scout_.place().offset < range.known_next->offset) {
        const Result<const Step*> step = scout_.skip();
        if (!step && !is_about_the_bytes(step.error())) return fail(step.error());
        if (!step || (*step)->kind == rdb::RecordKind::kSelectDb) return place.db;
    }
    return range.known_next->db;
}

Result<WalkEnd> Walk::cross_gap(const WalkRange& range, uint64_t begin,
                                const rdb::Finding& finding) {
    const uint64_t from = held_.empty() ? begin + 1 : held_.front().begin + 1;
    const Found next = TM_TRY(find_start(range, from, begin));
    const bool is_cut = next.start == Start::kNone;
    // Nothing that parses follows, so the bytes were cut, it seems; and that says nothing against
    // the record in front.
    if (is_cut || next.start == Start::kEof) TM_CHECK(release());
    const uint64_t gap_begin = held_.empty() ? begin : held_.front().begin;
    held_.clear();
    WalkPlace place = is_cut ? WalkPlace{input_.size(), stepper_.place().db} : next.place;
    if (!is_cut) place.db = TM_TRY(db_behind(range, place));
    TM_CHECK(sink_.gap(gap_begin, place.offset, finding));
    return WalkEnd{place, false, is_cut};
}

Result<std::optional<WalkPlace>> Walk::find_first(const WalkRange& range) {
    stepper_.seek(range.start);
    WalkRange within = range;
    within.search_end = std::min(range.limit, range.start.offset + kGuessWithin);
    // A value that reaches over many pieces is no place for guesses.
    scouted_max_ = kGuessScoutedBytes;
    lead_bytes_max_ = 0;
    const Found found = TM_TRY(find_start(within, range.start.offset, 0));
    if (found.start != Start::kRecords) return std::optional<WalkPlace>{};
    return std::optional<WalkPlace>(found.place);
}

}  // namespace tidemark::rdb_check
