#include "tools/rdb_check/sealed_part.h"

#include <algorithm>

#include "base/crc64.h"

namespace tidemark::rdb_check {

namespace {

class PartFinder {
public:
    PartFinder(rdb::Input& input, const rdb::MovedIndex& index) : input_(input), index_(index) {}

    Result<std::vector<SealedPart>> run() {
        uint64_t from = 0;
        while (const auto seal = TM_TRY(rdb::find_moved_seal(input_, from))) {
            from = seal->offset + 1;
            const std::optional<size_t> line = line_of(seal->segment);
            if (line) TM_CHECK(take(*line, *seal));
        }
        if (next_ < index_.segments.size() || begin_ < index_.offset)
            add(index_.offset, index_.segments.size());
        return std::move(parts_);
    }

private:
    // Of those that are not found yet.
    std::optional<size_t> line_of(const rdb::Segment& seal) const {
        const auto first = index_.segments.begin() + static_cast<ptrdiff_t>(next_);
        const auto found = std::lower_bound(
            first, index_.segments.end(), seal,
            [](const rdb::Segment& a, const rdb::Segment& b) { return a.end < b.end; });
        if (found == index_.segments.end() || *found != seal) return std::nullopt;
        return static_cast<size_t>(found - index_.segments.begin());
    }

    Status take(size_t line, const rdb::MovedSeal& seal) {
        const uint64_t length = seal.segment.end - seal.segment.begin;
        const uint64_t begin = seal.offset - std::min(length, seal.offset);
        rdb::Segment moved = seal.segment;
        moved.begin = begin;
        moved.end = seal.offset;
        const bool may_be_whole = seal.offset >= length && begin >= begin_;
        const bool follows = begin == begin_ && line == next_;
        if (may_be_whole && !follows && rdb::verify_segment(input_, moved)) add(begin, line);
        add(moved.after(), line + 1);
        return {};
    }

    // What lies up to `end` was the segments up to `line`.
    void add(uint64_t end, size_t line) {
        SealedPart part;
        part.begin = begin_;
        part.end = end;
        part.db = part.next_db = parts_.empty() ? 0 : parts_.back().next_db;
        part.keys = part.checksum = 0;
        for (size_t i = next_; i < line; ++i) {
            const rdb::Segment& one = index_.segments[i];
            if (i == next_) part.db = one.db;
            part.next_db = one.next_db;
            part.sealed_bytes += one.bytes();
            *part.keys += one.keys;
            part.checksum = crc64_combine(*part.checksum, one.checksum(), one.bytes());
        }
        if (part.bytes() != part.sealed_bytes) part.checksum.reset();
        parts_.push_back(part);
        begin_ = end;
        next_ = line;
    }

    rdb::Input& input_;
    const rdb::MovedIndex& index_;
    std::vector<SealedPart> parts_;
    uint64_t begin_ = 0;  // of the next part
    size_t next_ = 0;     // line of the index
};

}  // namespace

SealedPart part_of(const rdb::Segment& segment) {
    SealedPart part;
    part.begin = segment.begin;
    part.end = segment.after();
    part.db = segment.db;
    part.next_db = segment.next_db;
    part.sealed_bytes = segment.bytes();
    part.keys = segment.keys;
    part.checksum = segment.checksum();
    return part;
}

Result<std::vector<SealedPart>> find_parts(rdb::Input& input, const rdb::MovedIndex& index) {
    return PartFinder(input, index).run();
}

}  // namespace tidemark::rdb_check
