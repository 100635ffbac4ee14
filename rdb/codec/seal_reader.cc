#include "rdb/codec/seal_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/crc64.h"
#include "rdb/codec/format.h"
#include "rdb/codec/primitives.h"

namespace tidemark::rdb {

namespace {

constexpr uint64_t kWindowBytes = 256 * 1024;
constexpr uint64_t kFileTailBytes = 1 + 8;  // EOF and the file's checksum

tl::unexpected<Error> corrupt(uint64_t offset, std::string what) {
    return fail(ErrorCode::kCorrupt, std::move(what), offset);
}

// All of it, or an error.
Status read_exactly(Input& input, char* to, uint64_t length, uint64_t offset) {
    while (length > 0) {
        const size_t got = TM_TRY(input.read_at(to, length, offset));
        if (got == 0) {
            return fail(ErrorCode::kTruncated, "it became shorter while being read", offset);
        }
        to += got;
        length -= got;
        offset += got;
    }
    return {};
}

Result<uint64_t> checksum_of(Input& input, uint64_t begin, uint64_t end) {
    std::vector<char> window(std::min(kWindowBytes, end - begin));
    uint64_t crc = 0;
    while (begin < end) {
        const uint64_t length = std::min<uint64_t>(window.size(), end - begin);
        TM_CHECK(read_exactly(input, window.data(), length, begin));
        crc = crc64({window.data(), length}, crc);
        begin += length;
    }
    return crc;
}

// Index and footer are a segment like any other: the footer is its seal.
Segment segment_of(const Footer& footer) {
    return {footer.offset - footer.index_bytes, footer.offset, 0, 0, 0, footer.crc};
}

enum class FooterPlace : uint8_t { kAsSealed, kMoved };

// Where the footer begins that a dump has in front of its end.
uint64_t footer_offset(Input& input) {
    return input.size() - kFileTailBytes - kSealBytes;
}

Result<Footer> read_footer(Input& input, FooterPlace place) {
    if (input.size() < kSealBytes + kFileTailBytes) {
        return fail(ErrorCode::kNotFound, "it has no seals");
    }
    const uint64_t offset = footer_offset(input);
    char bytes[kSealBytes];
    TM_CHECK(read_exactly(input, bytes, sizeof(bytes), offset));
    const std::string_view field(bytes, sizeof(bytes));
    const std::optional<Footer> footer =
        place == FooterPlace::kMoved ? parse_moved_footer(field) : parse_footer(field, offset);
    if (!footer || footer->index_bytes > offset) {
        return fail(ErrorCode::kNotFound, "no footer of seals in front of its end");
    }
    const uint64_t begin = offset - footer->index_bytes;
    const uint64_t crc = TM_TRY(checksum_of(input, begin, offset + kSealBytes));
    if (crc != segment_of(*footer).checksum()) {
        return corrupt(begin, "the index of seals is damaged");
    }
    return *footer;
}

// The bytes from an offset on.
class Tail final : public Input {
public:
    Tail(Input& input, uint64_t begin) : input_(input), begin_(begin) {}
    uint64_t size() const override { return input_.size() - begin_; }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        return input_.read_at(to, length, begin_ + offset);
    }

private:
    Input& input_;
    uint64_t begin_;
};

// Reads the lines of the index and holds them against each other.
class IndexLines {
public:
    explicit IndexLines(uint64_t index) : index_(index) {}

    Status add(std::string_view line) {
        const std::optional<Segment> segment = parse_seal_text(line.substr(0, kSealTextBytes));
        if (!segment || line.back() != '\n' || segment->begin != next_begin_ ||
            segment->after() > index_) {
            return corrupt(index_, fmt::format("line {} of the index of seals is impossible",
                                               segments_.size() + 1));
        }
        next_begin_ = segment->after();
        keys_ += segment->keys;
        segments_.push_back(*segment);
        return {};
    }

    Result<std::vector<Segment>> finish(const Footer& footer) {
        if (next_begin_ != index_ || segments_.size() != footer.segments || keys_ != footer.keys) {
            return corrupt(index_, "the index of seals and its footer disagree");
        }
        return std::move(segments_);
    }

private:
    uint64_t index_;  // offset of its record; the last segment ends there
    uint64_t next_begin_ = 0;
    uint64_t keys_ = 0;
    std::vector<Segment> segments_;
};

// The index of this footer, which lies at `index`.
Result<std::vector<Segment>> read_lines(Input& input, const Footer& footer, uint64_t index) {
    Tail tail(input, index);
    Primitives in(tail);
    if (TM_TRY(in.byte()) != opcode::kAux || TM_TRY(in.string()) != kIndexName) {
        return corrupt(index, "no index of seals where the footer says");
    }
    const uint64_t bytes = TM_TRY(in.length());
    if (bytes % kIndexLineBytes != 0 || bytes != footer.index_bytes - in.offset()) {
        return corrupt(index, "the index of seals does not end at its footer");
    }
    IndexLines lines(segment_of(footer).begin);
    while (in.offset() < footer.index_bytes) {
        TM_CHECK(lines.add(TM_TRY(in.source().take(kIndexLineBytes))));
    }
    return lines.finish(footer);
}

// The first seal from `from` on, `from` itself included, that is accepted.
template <class Accepts>
Result<std::optional<MovedSeal>> find_seal(Input& input, uint64_t from, Accepts&& accepts) {
    const uint64_t size = input.size();
    std::vector<char> bytes;
    while (from < size && size - from >= kSealBytes) {
        bytes.resize(std::min(kWindowBytes, size - from));
        TM_CHECK(read_exactly(input, bytes.data(), bytes.size(), from));
        const std::string_view window(bytes.data(), bytes.size());
        for (size_t at = window.find(seal_head()); at != std::string_view::npos;
             at = window.find(seal_head(), at + 1)) {
            const auto seal = parse_moved_seal(window.substr(at, kSealBytes));
            if (seal && accepts(*seal, from + at)) return MovedSeal{from + at, *seal};
        }
        // One that begins in the last bytes of this window lies whole in the next.
        from += window.size() - (kSealBytes - 1);
    }
    return std::nullopt;
}

}  // namespace

Result<std::vector<Segment>> read_index(Input& input) {
    const Footer footer = TM_TRY(read_footer(input, FooterPlace::kAsSealed));
    return read_lines(input, footer, segment_of(footer).begin);
}

Result<MovedIndex> read_moved_index(Input& input) {
    const Footer footer = TM_TRY(read_footer(input, FooterPlace::kMoved));
    MovedIndex index;
    index.sealed_at = segment_of(footer).begin;
    index.offset = footer_offset(input) - footer.index_bytes;
    index.segments = TM_TRY(read_lines(input, footer, index.offset));
    return index;
}

Status verify_segment(Input& input, const Segment& segment) {
    if (segment.begin > segment.end || segment.end > input.size() ||
        input.size() - segment.end < kSealBytes) {
        return corrupt(segment.begin, "a seal speaks of bytes that are not there");
    }
    const uint64_t crc = TM_TRY(checksum_of(input, segment.begin, segment.after()));
    if (crc == segment.checksum()) return {};
    return corrupt(segment.begin, fmt::format("bytes {} to {} are not what was sealed",
                                              segment.begin, segment.after()));
}

Result<std::optional<Segment>> find_next_seal(Input& input, uint64_t from) {
    const auto found = TM_TRY(find_seal(
        input, from, [](const Segment& seal, uint64_t offset) { return seal.end == offset; }));
    return found ? std::optional(found->segment) : std::nullopt;
}

Result<std::optional<MovedSeal>> find_moved_seal(Input& input, uint64_t from) {
    return find_seal(input, from, [](const Segment&, uint64_t) { return true; });
}

Status SealCheck::on_aux(std::string_view name, std::string_view text, uint64_t end, uint64_t crc) {
    std::optional<Segment> segment;
    if (name == kSealName) {
        segment = parse_seal_text(text);
    } else if (name == kFooterName) {
        if (const auto footer = parse_footer_text(text)) segment = segment_of(*footer);
    } else {
        return {};
    }
    ++seals_;
    const uint64_t begin = std::exchange(begin_, end);
    const uint64_t begin_crc = std::exchange(begin_crc_, crc);
    if (!segment || segment->begin != begin || segment->after() != end) {
        return corrupt(begin, fmt::format("the seal that ends at {} does not speak of the bytes "
                                          "from {} on",
                                          end, begin));
    }
    if (crc64_combine(begin_crc, segment->checksum(), segment->bytes()) == crc) return {};
    return corrupt(begin, fmt::format("bytes {} to {} are not what was sealed", begin, end));
}

}  // namespace tidemark::rdb
