// Front to back through a dump's records, past whatever is damaged.
//
//   good         parsed deeply; told one record late, see below
//   bad          its framing holds, its contents do not: what comes next is not in doubt
//   gap          framing is lost: bytes that belong to no record that can be read
//
// After a gap the walk goes on at the first place from where four records, or what is left of the
// file, parse deeply. It looks for that place from within the record *before* the damage on: a
// length that grew makes a record swallow its successors, and the damage shows behind them. A
// length that shrank lets a record end early and parse, with a value that is wrong. So the record
// in front of a gap is never trusted: it goes with the gap, except where the bytes simply end.
//
// Runs of zeros parse, as empty strings without a name. One such key may be real; two in a row of
// one db cannot be, and are damage, together with the record in front of them, which ended in it.
//
// Names that are text speak for a start, and others may stand in front of it: of all ways in which
// records lead to where it was believed, the one that weighs most is taken. By the same
// measure a value whose framing holds is told from one that swallowed the records behind it.
//
// Where seals tell the next whole record (`known_next`), the walk resumes there at the latest.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "rdb/codec/finding.h"
#include "tools/common/stop_flag.h"
#include "tools/rdb_check/nowhere.h"
#include "tools/rdb_check/record_stepper.h"

namespace tidemark::rdb_check {

class WalkSink {
public:
    virtual ~WalkSink() = default;
    virtual Status good(const Step& record) = 0;
    virtual Status bad(const Step& record, const rdb::Finding& finding) = 0;
    virtual Status gap(uint64_t begin, uint64_t end, const rdb::Finding& finding) = 0;
};

struct WalkRange {
    WalkPlace start;
    uint64_t limit = UINT64_MAX;  // the last record is the last that begins in front of it
    // A place where a record is known to begin: `limit`, from a seal.
    std::optional<WalkPlace> known_next;
    uint64_t search_end = UINT64_MAX;  // where looking for a start after damage is given up
};

struct WalkEnd {
    WalkPlace place;      // behind the last record; or behind EOF's byte
    bool is_eof = false;  // EOF's byte was taken
    bool is_cut = false;  // the bytes ended without it
};

class Walk {
public:
    // `values` gets what the records hold, of those too that turn out to be bad. A score that is
    // not a number makes no record bad: `values` is warned of it.
    Walk(rdb::Input& input, const DumpHead& head, rdb::ValueSink& values, WalkSink& sink,
         const tools::StopFlag& stop, rdb::UniqueSpill* spill = nullptr);

    // An error is of the input or a sink, never of the dump.
    Result<WalkEnd> run(const WalkRange& range);
    // The first believable start in the range, for who begins in the middle of a dump.
    Result<std::optional<WalkPlace>> find_first(const WalkRange& range);

private:
    // In front of a place, of what is looked at for records that lead there.
    static constexpr uint64_t kLeadBytesMax = 256 * 1024;

    Status take(const Step& step, uint64_t db_before);
    uint64_t db_in_hand() const;
    uint64_t behind_checksum(const Step& eof) const;
    Status release();
    Result<bool> pass_over(const WalkRange& range, uint64_t begin);
    // How much speaks for a start.
    enum class Start : uint8_t {
        kNone,
        kEof,  // a byte EOF, and as many behind it as a checksum has: many values end like that
        kRecords,
        kKnown,
    };
    struct Found {
        Start start = Start::kNone;
        WalkPlace place;
        uint32_t weight = 0;  // of the records that vouch for each other
    };
    enum class Names : uint8_t { kAny, kText };
    Result<Found> find_start(const WalkRange& range, uint64_t from, uint64_t damage);
    Result<Found> find_start(const WalkRange& range, uint64_t from, uint64_t damage, Names names);
    // From where records lead to a place.
    struct Lead {
        uint64_t offset = 0;
        uint64_t key = 0;  // behind its attributes
        uint32_t weight = 0;
    };
    Result<const Step*> scout_next();
    Result<bool> is_framed(uint64_t offset);
    Result<const Step*> scout_within(uint64_t offset, uint64_t border);
    Result<Lead> heaviest_lead(uint64_t from, uint64_t border);
    Result<Start> try_start(uint64_t offset, uint64_t damage, Names names);
    Result<bool> is_among_text();
    Result<bool> may_begin_record(uint64_t offset);
    Result<bool> is_false_eof(const WalkRange& range, const Step& eof);
    Result<uint64_t> db_behind(const WalkRange& range, const WalkPlace& place);
    Result<WalkEnd> cross_gap(const WalkRange& range, uint64_t begin, const rdb::Finding& finding);

    rdb::Input& input_;
    DumpHead head_;
    RecordStepper stepper_;
    Nowhere nowhere_;
    RecordStepper scout_;  // for looking ahead, so that the other's finding and state are kept
    WalkSink& sink_;
    const tools::StopFlag& stop_;
    // Not told yet, the oldest first: the last record, and one more when that has no name.
    std::vector<Step> held_;
    uint64_t db_before_ = 0;  // selected in front of the last of them
    uint64_t scouted_ = 0;    // bytes that were parsed to find out
    uint64_t scouted_max_;
    uint64_t lead_bytes_max_ = kLeadBytesMax;
    uint64_t chain_end_ = 0;    // of the last start that was believed: where a record ends
    std::vector<char> window_;  // for looking at type bytes
    uint64_t window_begin_ = 0;
};

}  // namespace tidemark::rdb_check
