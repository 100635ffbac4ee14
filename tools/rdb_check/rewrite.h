// Writes a dump again, without what is damaged: records are copied byte for byte, framed anew, and
// what was left out is kept aside.
//
//   plan's pieces, in order -> walk -> good: copied     -> out
//                                      bad, gap: bytes  -> out.lost
//
// AUX fields of ours are made anew, hints are set right or left out, keys that are there twice are
// left out or renamed, empty collections left out, streams' counts taken from their entries, scores
// made numbers. Keys that a filter does not choose are neither copied nor kept aside, and what
// belongs to no key goes with them.
//
//   out.lost:  "lost <begin> <end> <what>\n" bytes "\n"   for each range
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rdb/codec/dump_writer.h"
#include "tools/common/output_file.h"
#include "tools/rdb_check/check_run.h"
#include "tools/rdb_check/library_judge.h"
#include "tools/rdb_check/walk.h"

namespace tidemark::rdb_check {

enum class Duplicates : uint8_t { kKeepFirst, kKeepLast, kRename };
enum class DamagedValues : uint8_t { kLeaveOut, kKeepPrefix };
// What becomes of members of sorted sets whose score is not a number.
enum class NanMembers : uint8_t { kGetZero, kLeaveOut };

struct RewriteOptions {
    Duplicates duplicates = Duplicates::kKeepFirst;
    rdb::Sealing sealing = rdb::Sealing::kOn;
    std::string lost_path;  // empty: lost bytes are not kept
    tools::IfExists lost_if_exists = tools::IfExists::kRefuse;
    mode_t lost_mode = tools::kOutputMode;
    std::string spool_folder;
    const Filter* filter = nullptr;  // the same as the check's
    DamagedValues damaged = DamagedValues::kLeaveOut;
    NanMembers nan_members = NanMembers::kGetZero;
    uint64_t databases = UINT64_MAX;  // that the server has; keys of others are put aside
};

struct LostRange {
    uint64_t begin = 0;
    uint64_t end = 0;
    std::string key;  // when it is known
    std::string what;
};

// A key of whose value only what stands in front of the damage was kept.
struct PartialKey {
    LostRange range;  // of its record
    uint64_t db = 0;
    std::string_view type;  // as TYPE answers
    uint64_t kept = 0;      // elements; of a string: bytes
};

struct RewriteResult {
    uint64_t keys = 0;
    uint64_t bytes = 0;
    uint64_t lost_bytes = 0;
    uint64_t lost_keys = 0;  // whose name is known
    std::vector<LostRange> lost;
    uint64_t partial_keys = 0;
    std::vector<PartialKey> partial;
    uint64_t duplicates_dropped = 0;
    uint64_t duplicates_renamed = 0;
    uint64_t out_of_range = 0;  // keys of dbs that the server does not have
    uint64_t empty_dropped = 0;
    uint64_t values_mended = 0;
    uint64_t scores_set = 0;       // to 0
    uint64_t members_dropped = 0;  // for their scores
    uint64_t hints_set = 0;
    uint64_t hints_left_out = 0;
};

// More ranges are counted and kept aside, and not listed.
inline constexpr size_t kLostListedMax = 100'000;

class Rewrite final : public WalkSink {
public:
    // `checked` is what a check of `input` found.
    Rewrite(rdb::Input& input, const CheckSummary& checked, rdb::ByteSink& out,
            RewriteOptions options, const tools::StopFlag& stop);
    ~Rewrite() override;

    Result<RewriteResult> run();
    // Puts the lost bytes' file in its place, when there is one. Returns its path, or empty.
    Result<std::string> commit_lost();

    Status good(const Step& record) override;
    Status bad(const Step& record, const rdb::Finding& finding) override;
    Status gap(uint64_t begin, uint64_t end, const rdb::Finding& finding) override;

private:
    class Notes;

    Status walk_pieces();
    Result<bool> is_wanted_outside(const Step& record);
    Result<bool> is_wanted_aux(const Step& record);
    Status good_function(const Step& record);
    Status good_key(const Step& record);
    bool knows_counts() const;
    Status write_slot_info(const Step& record);
    Status copy(const Step& record);
    struct ReadName {
        std::string name;
        uint64_t end = 0;
    };
    Result<ReadName> read_name(const Step& record);
    // Of a key that is there twice and is kept.
    std::string other_name(std::string_view name, const Step& record);
    Result<std::string> new_name(const Step& record);
    Status copy_renamed(const Step& record);
    enum class Mending : uint8_t { kStream, kForm };
    Status encode_again(const Step& record, Mending mending);
    Status mend_scores(const Step& record);
    Status read_again(const Step& record, rdb::ValueSink& sink);
    Status enter_db(uint64_t db);
    Status copy_bytes(rdb::ByteSink& to, uint64_t begin, uint64_t end);
    Result<bool> keep_prefix(const Step& record, const rdb::Finding& finding);
    Status lose(uint64_t begin, uint64_t end, const rdb::Finding& finding);
    Status put_aside(const LostRange& range);
    void choose_duplicates();

    rdb::Input& input_;
    const CheckSummary& checked_;
    RewriteOptions options_;
    const tools::StopFlag& stop_;
    rdb::DumpWriter dump_;
    std::unique_ptr<Notes> notes_;
    LibraryJudge libraries_;
    std::unique_ptr<tools::OutputFile> lost_;
    RewriteResult result_;
    std::set<uint64_t> dropped_;  // offsets of records that are there twice
    std::set<uint64_t> renamed_;
    std::set<uint64_t> hinted_;  // dbs whose hint is written
    std::vector<char> window_;
};

}  // namespace tidemark::rdb_check
