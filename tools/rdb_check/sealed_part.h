// The stretches of a sealed dump that end where a segment did, and where they lie in the file.
//
// Where bytes are missing or were inserted, everything behind them lies elsewhere than its seal
// says. The index tells seals from bytes that look like one: each line of it is looked for, in
// order, and what lies between two seals that were found is one part. A part whose seal was not
// found goes up to the next one, or to where that one's sealed bytes begin if they are unharmed.
//
//   index:   [ segment 0 ][ segment 1 ][ segment 2 ][ segment 3 ]
//   file:    [ segment 0 ][ segment 1 ][ segm| ent 3 ]                 cut across a seal
//   parts:   [     0     ][     1     ][   2 and 3   ]
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "rdb/codec/seal_reader.h"

namespace tidemark::rdb_check {

struct SealedPart {
    uint64_t begin = 0;
    uint64_t end = 0;  // behind its seal
    uint64_t db = 0;   // selected where it begins, and where it ends
    uint64_t next_db = 0;
    uint64_t sealed_bytes = 0;         // how long it was
    std::optional<uint64_t> keys;      // that it had; nullopt: nothing tells
    std::optional<uint64_t> checksum;  // of [begin, end); nullopt: they are not what was sealed

    uint64_t bytes() const { return end - begin; }
};

// As the segment says.
SealedPart part_of(const rdb::Segment& segment);

// In order, without gaps, from 0 to where the index lies.
Result<std::vector<SealedPart>> find_parts(rdb::Input& input, const rdb::MovedIndex& index);

}  // namespace tidemark::rdb_check
