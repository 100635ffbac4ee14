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
#include "tools/rdb_check/check_piece.h"
#include "tools/rdb_check/sealed_part.h"

namespace tidemark::rdb_check {

inline constexpr uint64_t kStretchBytes = 1024 * 1024;

class PiecePlan {
public:
    // Reads the index of seals, finds the segments that it lists where they lie now, or looks for
    // seals where there is no index although the dump seems to be sealed.
    static Result<PiecePlan> make(rdb::Input& input);

    bool is_sealed() const { return !parts_.empty(); }
    const std::vector<SealedPart>& parts() const { return parts_; }
    // The index is there and damaged, or lies elsewhere than it says, or is missing from a sealed
    // dump.
    const std::optional<Error>& index_error() const { return index_error_; }

    // From now on only one in so many, the first included.
    void set_stride(size_t stride) { stride_ = stride; }
    // nullopt: no more pieces.
    std::optional<PieceSpec> piece(size_t number) const;

    // A piece of one part.
    PieceSpec piece_of(size_t part) const;
    // What the bytes of these must sum up to. nullopt: they are not what was sealed.
    std::optional<uint64_t> checksum_of(size_t first_part, size_t parts) const;

private:
    Status find_without_index(rdb::Input& input, const Error& error);
    std::vector<PieceSpec> sealed_pieces() const;

    uint64_t size_ = 0;
    size_t stride_ = 1;
    std::vector<SealedPart> parts_;
    std::optional<Error> index_error_;
    std::vector<PieceSpec> pieces_;  // when sealed
};

}  // namespace tidemark::rdb_check
