// Finds and checks seals. Believes nothing: the index counts only when its footer's checksum fits
// and it describes the file without a gap, and nothing is allocated by a count that a file claims.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rdb/codec/byte_source.h"
#include "rdb/codec/seal.h"

namespace tidemark::rdb {

// The segments of a sealed dump, from its end: in order, without gaps, the first begins at 0. What
// comes behind the last one are index, footer and EOF. kNotFound: no footer in front of EOF;
// kCorrupt: one that does not hold. The segments themselves are not read.
Result<std::vector<Segment>> read_index(Input& input);

// The same where bytes are missing or were inserted in front of the index, so that its footer lies
// elsewhere than it says. The segments are as they were sealed; where they lie now, find_moved_seal
// tells.
struct MovedIndex {
    std::vector<Segment> segments;
    uint64_t sealed_at = 0;  // where it was written
    uint64_t offset = 0;     // where it lies
};
Result<MovedIndex> read_moved_index(Input& input);

// Reads a segment and its seal. kCorrupt: something in [begin, after()) is not what was written.
Status verify_segment(Input& input, const Segment& segment);

// The first seal that begins at `from` or later and names its own position; its checksum is not
// looked at, and with a wrong one its other numbers mean nothing. nullopt: none to the end.
Result<std::optional<Segment>> find_next_seal(Input& input, uint64_t from);

// The first one that begins at `from` or later, wherever it says that it does.
struct MovedSeal {
    uint64_t offset = 0;
    Segment segment;  // as it was sealed
};
Result<std::optional<MovedSeal>> find_moved_seal(Input& input, uint64_t from);

// Checks each seal and the footer while a dump is read front to back with a running checksum, at no
// cost worth naming.
class SealCheck {
public:
    // The AUX field `name` = `text` ends at `end`; `crc` is of the file up to there. kCorrupt with
    // the offset where the damaged segment begins. Fields of other names are of no concern.
    Status on_aux(std::string_view name, std::string_view text, uint64_t end, uint64_t crc);

    uint64_t seals() const { return seals_; }
    // Behind the last seal, fitting or not: what follows is sealed by the next.
    uint64_t sealed_to() const { return begin_; }

private:
    uint64_t begin_ = 0;      // of the segment that is being read
    uint64_t begin_crc_ = 0;  // of the file up to there
    uint64_t seals_ = 0;
};

}  // namespace tidemark::rdb
