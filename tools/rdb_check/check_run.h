// Checks a whole dump: cuts it into pieces, has them checked by one thread or several, puts what
// they found together in the file's order, and judges what no piece can see: the file's checksum,
// names that are there twice, hints, what follows the end.
//
//   plan -> workers: check_piece, some pieces ahead -> merge, in order -> finish -> verdict
//
// Memory: the window of each worker, at most 2 pieces a worker that wait, KeyLog's budget.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/dump_diff/key_log.h"
#include "tools/rdb_check/changed_bytes.h"
#include "tools/rdb_check/check_piece.h"
#include "tools/rdb_check/library_judge.h"
#include "tools/rdb_check/piece_plan.h"

namespace tidemark::rdb_check {

struct CheckSettings {
    CheckLimits limits;
    unsigned jobs = 1;
    uint64_t key_memory_bytes = 0;
    std::string spool_folder;
    uint64_t errors_max = 0;           // 0: all of them
    uint64_t stop_after = UINT64_MAX;  // bytes
    size_t stride = 1;                 // of the pieces one in so many: a sample
};

// Offsets of two records' type bytes, with one name in one db.
struct DuplicateKey {
    uint64_t first = 0;
    uint64_t later = 0;
    // Not behind damage that may have taken a SELECTDB, which would make them two keys.
    bool is_db_sure = true;
};

// A stretch of a sealed dump that is not what was sealed: values in it may be wrong.
struct UnfitPart {
    uint64_t begin = 0;
    uint64_t end = 0;
    std::optional<uint64_t> keys;  // that it had, as the index or its seal says
    uint64_t missing = 0;          // of them, those of which no record is there
};

struct CheckSummary {
    DumpHead head;
    CheckCounts counts;
    std::map<std::string, std::string> aux;
    uint64_t segments = 0;
    uint64_t end_offset = 0;  // behind the checksum
    bool is_whole = false;    // EOF was reached
    bool is_limited = false;  // a limit ended it early
    enum class Checksum : uint8_t { kNotReached, kNone, kAbsent, kFits, kMismatch };
    Checksum checksum = Checksum::kNotReached;
    // What checksums say was changed; when the file's own says it, that alone.
    std::vector<ChangedBytes> changed;
    std::vector<DuplicateKey> duplicates;  // by `later`
    std::set<uint64_t> shadowed;           // damaged records whose name another one has
    std::vector<UnfitPart> unfit;
    // That seals announce, or in a dump that was cut RESIZEDB, and of which no record is there.
    uint64_t missing_keys = 0;
    bool has_log = false;  // commands follow the dump

    bool is_damaged() const { return counts.gaps + counts.bad_records() > 0 || !is_whole; }
    // More than its frame may be lost, whatever is written.
    bool is_lossy() const { return missing_keys > 0 || !unfit.empty(); }
};

class CheckRun {
public:
    using OnFinding = std::function<void(const rdb::Finding&)>;
    using OnProgress = std::function<void(uint64_t)>;

    CheckRun(rdb::Input& input, const DumpHead& head, CheckSettings settings,
             const tools::StopFlag& stop, OnFinding on_finding, OnProgress on_progress);

    // An error is of the input (kIo), or an interruption.
    Result<CheckSummary> run();

private:
    class Workers;

    Status run_pieces(const PiecePlan& plan);
    Status run_alone(const PiecePlan& plan);
    Status run_together(const PiecePlan& plan);
    Result<PieceResult> check(const PieceSpec& spec);
    // The piece's own result, or what comes out when it is done again from where the last one
    // ended.
    Status merge(const PieceSpec& spec, PieceResult result);
    Status merge_sealed(const PiecePlan& plan, const PieceSpec& spec, PieceResult result);
    void judge_seal(const SealedPart& part, const PieceResult& result);
    Status take(PieceResult result);
    Status judge_library(uint64_t begin, uint64_t end);
    void say(const rdb::Finding& finding);
    bool is_over() const { return is_eof_ || is_cut_ || summary_.is_limited; }

    Status finish(const PiecePlan& plan);
    Status judge_checksum();
    Status judge_changes();
    Status judge_rest();
    Status judge_duplicates();
    void judge_hints();
    void judge_missing();
    void judge_slot_hints();
    void judge_index(const PiecePlan& plan);
    std::optional<uint64_t> db_at(uint64_t offset) const;
    bool is_db_sure(uint64_t offset) const;

    rdb::Input& input_;
    CheckSettings settings_;
    const tools::StopFlag& stop_;
    OnFinding on_finding_;
    OnProgress on_progress_;
    CheckSummary summary_;
    KeyLog key_log_;
    LibraryJudge libraries_;
    uint64_t errors_ = 0;
    WalkPlace place_{rdb::kHeadBytes, 0};  // up to which everything was looked at
    uint64_t crc_ = 0;                     // of the bytes in front of it, unless a gap is in it
    bool is_eof_ = false;
    bool is_cut_ = false;
    std::vector<WalkPlace> selects_;
    std::vector<uint64_t> gap_ends_;
    uint64_t sealed_to_ = 0;  // parts with seals end there
};

}  // namespace tidemark::rdb_check
