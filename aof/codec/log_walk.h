// Reads one file of the log by its grammar, and says how the file ends. Whoever loads a log and
// whoever checks one walk it with this, so that both come to the same verdict.
//
// A file of ours is [sealed pieces][fill][records of a stock redis-server]; each part may be
// missing. Any other file has no seals. Transactions do not nest, and count when their EXEC is
// there. What becomes of each ending is the loader's table (aof/recovery.cc).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "aof/codec/scan.h"
#include "base/result.h"

namespace tidemark::aof {

enum class Ending : uint8_t {
    kClean,      // ends with a whole record
    kFill,       // then the window: the server was killed
    kForeign,    // then whole records that we did not write
    kTorn,       // ours: behind `keep` lie bytes that nobody was told are durable
    kTruncated,  // not ours: ends inside a record
    kOpenMulti,  // not ours: ends inside a transaction
    kDamaged,    // bytes that were durable are gone or wrong
    kMalformed,  // bytes that no writer and no crash leaves
};

struct FileEnding {
    Ending ending = Ending::kClean;
    uint64_t keep = 0;           // everything before it counts
    uint64_t problem_at = 0;     // where the damage or the torn part begins
    uint64_t known_durable = 0;  // by the seals: everything before it was synced once
    bool is_record = false;      // what stands at problem_at is a whole record that does not fit
    std::string what;
};

struct WalkOptions {
    uint64_t start = 0;           // behind an RDB preamble
    bool seals_promised = false;  // by the manifest
    Hold hold = Hold::kWhole;
    // `start` is in the middle of the file (a record, or a seal where seals are promised), and
    // whether a transaction is open there is not known: see first_boundary().
    bool mid_file = false;
};

class LogWalk {
public:
    enum class Role : uint8_t { kCommand, kMulti, kExec };

    LogWalk(ByteSource& source, const WalkOptions& options);

    // kRecord: role() says what it is to transactions; kTimestamp, kSeal, kAnnotation, kFill;
    // kPause (release() first); kEnd: ending() has the rest. An error is one of reading.
    Result<Item> next();
    // The caller knows that this record, the last one handed out, cannot be: the file ends here.
    void refuse(const Item& item, std::string what);

    Role role() const { return role_; }
    // Behind the item handed out last.
    bool in_transaction() const { return in_transaction_; }
    uint64_t multi_offset() const { return multi_offset_; }
    // For a walk that begins in mid-file: what came first of MULTI and EXEC; kCommand: neither yet.
    Role first_boundary() const { return first_boundary_; }
    // Whether the file has seals of ours.
    bool is_ours() const { return ours_; }

    std::span<const std::string_view> args_of(const Item& item) const {
        return scanner_.args_of(item);
    }
    void release() { scanner_.release(); }
    uint64_t offset() const { return scanner_.offset(); }
    const FileEnding& ending() const { return ending_; }

private:
    // Where in the file the walk is.
    enum class Part : uint8_t { kSealed, kFill, kForeign };

    Result<bool> begins_sealed();
    bool take(const Item& item);
    bool take_record(const Item& item);
    bool take_role(const Item& item);
    bool begins_foreign(const Item& item) const;
    Status finish(const Item& last);
    void finish_foreign(const Item& last);
    Status finish_ours(const Item& last);
    void malformed(const Item& last, std::string_view what);

    ByteSource& source_;
    WalkOptions options_;
    Scanner scanner_;
    Part part_ = Part::kSealed;
    Role role_ = Role::kCommand;
    bool begun_ = false;
    bool ours_ = false;
    Role first_boundary_ = Role::kCommand;
    bool in_transaction_ = false;
    bool misplaced_ = false;
    uint64_t multi_offset_ = 0;
    uint64_t piece_ = 0;  // offset of the seal in force
    uint64_t multi_piece_ = 0;
    bool only_selects_ = true;  // since that seal
    bool multi_begins_piece_ = false;
    FileEnding ending_;
};

}  // namespace tidemark::aof
