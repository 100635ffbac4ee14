#include "tools/rdb_check/piece_plan.h"

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
// believed about dbs and offsets that nobody vouches for.
Result<std::vector<rdb::Segment>> find_segments(rdb::Input& input) {
    std::vector<rdb::Segment> segments;
    Front front(input, kFirstSealWithin);
    if (!TM_TRY(rdb::find_next_seal(front, 0))) return segments;
    uint64_t from = 0;
    while (const std::optional<rdb::Segment> seal = TM_TRY(rdb::find_next_seal(input, from))) {
        from = seal->end + rdb::kSealBytes;
        const bool overlaps = !segments.empty() && seal->begin < segments.back().after();
        if (overlaps || !rdb::verify_segment(input, *seal)) continue;
        segments.push_back(*seal);
    }
    return segments;
}

}  // namespace

Result<PiecePlan> PiecePlan::make(rdb::Input& input) {
    PiecePlan plan;
    plan.size_ = input.size();
    Result<std::vector<rdb::Segment>> index = rdb::read_index(input);
    if (index) {
        plan.segments_ = std::move(*index);
    } else {
        if (index.error().code == ErrorCode::kIo) return fail(index.error());
        plan.segments_ = TM_TRY(find_segments(input));
        if (plan.is_sealed() || index.error().code == ErrorCode::kCorrupt) {
            plan.index_error_ = index.error();
        }
    }
    if (plan.is_sealed()) plan.pieces_ = plan.sealed_pieces();
    return plan;
}

// Runs of segments, and what lies between those that are known: in front of the first, where one is
// damaged, behind the last.
std::vector<PieceSpec> PiecePlan::sealed_pieces() const {
    std::vector<PieceSpec> pieces;
    WalkPlace place{rdb::kHeadBytes, 0};
    for (size_t i = 0; i < segments_.size(); ++i) {
        PieceSpec next = piece_of(i);
        if (place.offset < next.range.start.offset) {
            pieces.push_back({{place, next.range.start.offset, next.range.start}});
        }
        place = *next.range.known_next;
        PieceSpec* last = pieces.empty() ? nullptr : &pieces.back();
        const bool continues = last != nullptr && last->segments > 0 &&
                               last->range.known_next == next.range.start &&
                               place.offset - last->range.start.offset <= kStretchBytes;
        if (!continues) {
            pieces.push_back(next);
            continue;
        }
        last->range.limit = place.offset;
        last->range.known_next = place;
        ++last->segments;
    }
    pieces.push_back({{place, UINT64_MAX, std::nullopt}});
    return pieces;
}

PieceSpec PiecePlan::piece_of(size_t segment) const {
    const rdb::Segment& one = segments_[segment];
    PieceSpec spec;
    spec.range.start = {std::max<uint64_t>(one.begin, rdb::kHeadBytes), one.db};
    spec.range.limit = one.after();
    spec.range.known_next = WalkPlace{one.after(), one.next_db};
    spec.first_segment = segment;
    spec.segments = 1;
    return spec;
}

uint64_t PiecePlan::checksum_of(size_t first_segment, size_t segments) const {
    uint64_t crc = 0;
    for (size_t i = first_segment; i < first_segment + segments; ++i) {
        crc = crc64_combine(crc, segments_[i].checksum(), segments_[i].bytes());
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
