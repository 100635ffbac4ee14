#include "tools/rdb_check/piece_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crc64.h"
#include "rdb/codec/seal_reader.h"

namespace tidemark::rdb_check {

namespace {

// A sealed dump without an index (cut short, or damaged at its end) has its first seal in front of
// this, unless its first values are very large.
constexpr uint64_t kFirstSealWithin = 8 * 1024 * 1024;

// The front of an input.
class Front final : public rdb::Input {
public:
    Front(rdb::Input& input, uint64_t size) : input_(input), size_(size) {}
    uint64_t size() const override { return std::min(size_, input_.size()); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        if (offset >= size()) return size_t{0};
        return input_.read_at(to, std::min<uint64_t>(length, size() - offset), offset);
    }

private:
    rdb::Input& input_;
    uint64_t size_;
};

// Those seals that are where they say and whose bytes are what was sealed: the others would be
// believed about dbs and offsets that nobody vouches for. What lies between two of them is a part
// of which nothing is known.
Result<std::vector<SealedPart>> find_parts_without_index(rdb::Input& input) {
    std::vector<SealedPart> parts;
    Front front(input, kFirstSealWithin);
    if (!TM_TRY(rdb::find_next_seal(front, 0))) return parts;
    uint64_t from = 0;
    while (const std::optional<rdb::Segment> seal = TM_TRY(rdb::find_next_seal(input, from))) {
        from = seal->after();
        const uint64_t begin = parts.empty() ? 0 : parts.back().end;
        if (seal->begin < begin || !rdb::verify_segment(input, *seal)) continue;
        if (begin < seal->begin) {
            SealedPart unknown;
            unknown.begin = begin;
            unknown.end = seal->begin;
            unknown.db = parts.empty() ? 0 : parts.back().next_db;
            unknown.next_db = seal->db;
            unknown.sealed_bytes = unknown.bytes();
            parts.push_back(unknown);
        }
        parts.push_back(part_of(*seal));
    }
    return parts;
}

Error moved_index(const rdb::MovedIndex& index) {
    const uint64_t bytes =
        std::max(index.sealed_at, index.offset) - std::min(index.sealed_at, index.offset);
    return Error{ErrorCode::kCorrupt, 0, index.offset,
                 fmt::format("{} bytes {} in front of the index of seals", bytes,
                             index.offset < index.sealed_at ? "are missing" : "too many are")};
}

}  // namespace

Result<PiecePlan> PiecePlan::make(rdb::Input& input) {
    PiecePlan plan;
    plan.size_ = input.size();
    Result<std::vector<rdb::Segment>> index = rdb::read_index(input);
    if (index) {
        for (const rdb::Segment& segment : *index) plan.parts_.push_back(part_of(segment));
    } else {
        if (index.error().code == ErrorCode::kIo) return fail(index.error());
        TM_CHECK(plan.find_without_index(input, index.error()));
    }
    if (plan.is_sealed()) plan.pieces_ = plan.sealed_pieces();
    return plan;
}

// `error`: why there is none where one should be.
Status PiecePlan::find_without_index(rdb::Input& input, const Error& error) {
    if (const auto moved = rdb::read_moved_index(input)) {
        parts_ = TM_TRY(find_parts(input, *moved));
        index_error_ = moved_index(*moved);
        return {};
    }
    parts_ = TM_TRY(find_parts_without_index(input));
    if (is_sealed() || error.code == ErrorCode::kCorrupt) index_error_ = error;
    return {};
}

// Runs of parts, and what lies behind the last.
std::vector<PieceSpec> PiecePlan::sealed_pieces() const {
    std::vector<PieceSpec> pieces;
    for (size_t i = 0; i < parts_.size(); ++i) {
        const PieceSpec next = piece_of(i);
        PieceSpec* last = pieces.empty() ? nullptr : &pieces.back();
        const bool continues = last != nullptr && last->range.known_next == next.range.start &&
                               next.range.limit - last->range.start.offset <= kStretchBytes;
        if (!continues) {
            pieces.push_back(next);
            continue;
        }
        last->range.limit = next.range.limit;
        last->range.known_next = next.range.known_next;
        ++last->segments;
    }
    const WalkPlace behind{std::max<uint64_t>(parts_.back().end, rdb::kHeadBytes),
                           parts_.back().next_db};
    pieces.push_back({{behind, UINT64_MAX, std::nullopt}});
    return pieces;
}

PieceSpec PiecePlan::piece_of(size_t part) const {
    const SealedPart& one = parts_[part];
    PieceSpec spec;
    spec.range.start = {std::max<uint64_t>(one.begin, rdb::kHeadBytes), one.db};
    spec.range.limit = std::max<uint64_t>(one.end, rdb::kHeadBytes);
    spec.range.known_next = WalkPlace{spec.range.limit, one.next_db};
    spec.first_segment = part;
    spec.segments = 1;
    return spec;
}

std::optional<uint64_t> PiecePlan::checksum_of(size_t first_part, size_t parts) const {
    uint64_t crc = 0;
    for (size_t i = first_part; i < first_part + parts; ++i) {
        if (!parts_[i].checksum) return std::nullopt;
        crc = crc64_combine(crc, *parts_[i].checksum, parts_[i].bytes());
    }
    return crc;
}

std::optional<PieceSpec> PiecePlan::piece(size_t number) const {
    number *= stride_;
    if (is_sealed()) {
        if (number >= pieces_.size()) return std::nullopt;
        return pieces_[number];
    }
    const uint64_t begin = number * kStretchBytes;
    if (begin >= std::max<uint64_t>(size_, 1)) return std::nullopt;
    const WalkPlace start{std::max<uint64_t>(begin, rdb::kHeadBytes), 0};
    return PieceSpec{{start, begin + kStretchBytes, std::nullopt}, number == 0};
}

}  // namespace tidemark::rdb_check
