// Into which pieces a dump is cut so that several can be looked at at once.
//
// Sealed: runs of its segments, whose beginnings and dbs are known. Else stretches, in each of
// which a record's beginning is looked for: a guess, which holds when the piece before ends there.
// They are short because up to seven of them wait with the hashes of all their names.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "rdb/codec/byte_source.h"
#include "rdb/codec/seal.h"
#include "tools/rdb_check/check_piece.h"

namespace tidemark::rdb_check {

inline constexpr uint64_t kStretchBytes = 1024 * 1024;

class PiecePlan {
public:
    // Reads the index of seals, or looks for seals where there is none although the dump seems to
    // be sealed.
    static Result<PiecePlan> make(rdb::Input& input);

    bool is_sealed() const { return !segments_.empty(); }
    const std::vector<rdb::Segment>& segments() const { return segments_; }
    // The index is there and damaged, or missing from a sealed dump.
    const std::optional<Error>& index_error() const { return index_error_; }

    // From now on only one in so many, the first included.
    void set_stride(size_t stride) { stride_ = stride; }
    // nullopt: no more pieces.
    std::optional<PieceSpec> piece(size_t number) const;

    // A piece of one segment.
    PieceSpec piece_of(size_t segment) const;
    // What the bytes of these must sum up to.
    uint64_t checksum_of(size_t first_segment, size_t segments) const;

private:
    std::vector<PieceSpec> sealed_pieces() const;

    uint64_t size_ = 0;
    size_t stride_ = 1;
    std::vector<rdb::Segment> segments_;
    std::optional<Error> index_error_;
    std::vector<PieceSpec> pieces_;  // when sealed
};

}  // namespace tidemark::rdb_check
