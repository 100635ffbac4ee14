// Checks one stretch of a dump. Stretches know nothing of each other, so that several are checked
// at once; check_run.h puts what they found together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rdb/codec/finding.h"
#include "tools/dump_diff/key_log.h"
#include "tools/rdb_check/dump_head.h"
#include "tools/rdb_check/filter.h"
#include "tools/rdb_check/walk.h"

namespace tidemark::rdb_check {

struct CheckLimits {
    uint64_t databases = 16;  // that a server is configured with
    int64_t now_ms = 0;
    bool logs_keys = true;  // for finding duplicates
    // Which keys are looked at: of others nothing is said that their value alone concerns. nullptr:
    // all.
    const Filter* filter = nullptr;
};

struct DbCounts {
    // Of the keys that the filter chooses.
    uint64_t keys = 0;
    uint64_t with_expiry = 0;
    uint64_t expired = 0;
    // Of the others.
    uint64_t left_out = 0;
    uint64_t left_out_with_expiry = 0;
    // What RESIZEDB said, if it did.
    std::optional<uint64_t> hinted_keys;
    std::optional<uint64_t> hinted_expiry;
    uint64_t hint_offset = 0;

    void add(const DbCounts& other);
};

// What a SLOT_INFO says of the keys behind it, up to the next one, and what they are.
struct SlotCounts {
    uint64_t offset = 0;  // of the opcode
    uint64_t slot = 0;
    uint64_t hinted_keys = 0;
    uint64_t hinted_expiry = 0;
    uint64_t keys = 0;
    uint64_t with_expiry = 0;

    bool are_right() const { return keys == hinted_keys && with_expiry == hinted_expiry; }
};

struct CheckCounts {
    std::map<uint64_t, DbCounts> dbs;
    std::vector<SlotCounts> slots;  // in the file's order
    SlotCounts before_slots;        // the keys in front of the first
    uint64_t functions = 0;
    uint64_t bad_functions = 0;  // libraries that no server takes
    uint64_t module_values = 0;  // and data of modules that belongs to no key
    uint64_t bad_keys = 0;       // known by their framing, contents damaged
    uint64_t empty_keys = 0;     // that a server drops when it loads them
    uint64_t nan_keys = 0;       // sorted sets with scores that are not numbers
    uint64_t lost_bytes = 0;     // in gaps
    uint64_t gaps = 0;
    int version_of_hashes = 0;  // the least that has all types of theirs

    uint64_t keys() const;
    uint64_t left_out() const;
    // Records that can be passed over, but not kept.
    uint64_t bad_records() const { return bad_keys + bad_functions; }
    // Chosen ones in dbs that a server with so many does not have.
    uint64_t keys_from(uint64_t databases) const;
    // Of the keys that come next.
    SlotCounts& slot_in_hand() { return slots.empty() ? before_slots : slots.back(); }
    void add(const CheckCounts& other);
};

// More than so many dbs, or changes between them, are not remembered.
inline constexpr size_t kDbsMax = 65'536;
// As many slots as a cluster has, in some dbs; nothing is said of a dump with more.
inline constexpr size_t kSlotHintsMax = 262'144;

struct PieceSpec {
    WalkRange range;
    // Where it begins was told by a seal or by the piece before. Otherwise a start is looked for.
    bool is_exact = true;
    // The segments that it is made of.
    size_t first_segment = 0;
    size_t segments = 0;
};

struct PieceResult {
    bool has_start = true;  // without one it found nothing
    WalkPlace start;
    WalkEnd end;
    uint64_t crc_begin = 0;  // the start, or 0 for the first piece: the head is summed too
    uint64_t crc = 0;        // of [crc_begin, end)
    CheckCounts counts;
    std::vector<rdb::Finding> findings;
    std::vector<KeyPlace> places;
    std::vector<WalkPlace> selects;  // where another db begins
    // Where libraries of functions begin and end, unless a filter chooses keys.
    std::vector<std::pair<uint64_t, uint64_t>> functions;
    std::vector<uint64_t> gap_ends;
    std::map<std::string, std::string> aux;  // the fields that matter to a checker
};

Result<PieceResult> check_piece(rdb::Input& input, const DumpHead& head, const PieceSpec& spec,
                                const CheckLimits& limits, const tools::StopFlag& stop,
                                rdb::UniqueSpill* spill);

}  // namespace tidemark::rdb_check
