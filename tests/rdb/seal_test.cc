#include "rdb/codec/seal.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/random.h"
#include "rdb/codec/dump_writer.h"
#include "rdb/codec/pack.h"
#include "rdb/codec/seal_reader.h"
#include "tests/rdb/dump.h"

namespace tidemark::rdb {
namespace {

std::string record(int number) {
    const std::string name = fmt::format("key-{:02}", number);
    const std::string value(static_cast<size_t>(number % 5 + 20), 'v');
    return std::string(1, '\0') + static_cast<char>(name.size()) + name +
           static_cast<char>(value.size()) + value;
}

struct Sealed {
    std::string bytes;
    std::vector<Segment> segments;
};

// 20 keys in two dbs, a seal at the first end of a record behind each 128 bytes.
Sealed sealed_dump(DumpOptions options = {.segment_bytes = 128}) {
    StringSink out;
    DumpWriter dump(out, options);
    REQUIRE(dump.begin());
    for (int i = 0; i < 20; ++i) REQUIRE(dump.copy_record(i < 12 ? 0 : 3, record(i)));
    REQUIRE(dump.finish());
    CHECK(dump.bytes() == out.bytes().size());
    CHECK(dump.keys() == 20);
    return {out.take(), dump.segments()};
}

Result<std::vector<Segment>> index_of(std::string_view bytes) {
    MemoryInput input(bytes);
    return read_index(input);
}

Status verify(std::string_view bytes, const Segment& segment) {
    MemoryInput input(bytes);
    return verify_segment(input, segment);
}

// Reads as a checker does that sees each seal go by.
class CheckingSource {
public:
    explicit CheckingSource(std::string_view bytes) : input_(bytes), in_(input_) {}

    // The first complaint. The records are known to be strings.
    Status run() {
        TM_TRY(in_.source().take(kHeadBytes));
        while (true) {
            const uint8_t first = TM_TRY(in_.byte());
            if (first == opcode::kEof) return {};
            if (first == opcode::kSelectDb) {
                TM_TRY(in_.length());
                continue;
            }
            const std::string name(TM_TRY(in_.string()));
            const std::string text(TM_TRY(in_.string()));
            if (first != opcode::kAux) continue;
            TM_CHECK(check_.on_aux(name, text, in_.offset(), in_.source().checksum().value()));
        }
    }
    const SealCheck& check() const { return check_; }

private:
    MemoryInput input_;
    Primitives in_;
    SealCheck check_;
};

// The segment that holds the byte; the last one is that of index and footer.
uint64_t segment_begin(const Sealed& dump, size_t byte) {
    for (const Segment& segment : dump.segments) {
        if (byte < segment.after()) return segment.begin;
    }
    return dump.segments.back().after();
}

constexpr size_t kTail = 9;  // EOF, checksum

}  // namespace

TEST_CASE("rdb/seal: a sealed dump reads like any other, its checksum included") {
    const Sealed dump = sealed_dump();
    Collector found;
    const auto summary = read_dump(dump.bytes, found);
    REQUIRE(summary);
    CHECK(summary->keys == 20);
    CHECK(summary->is_checksummed);
    CHECK(found.aux_fields.size() == dump.segments.size() + 2);
}

TEST_CASE("rdb/seal: a file's bytes do not depend on how it was written in pieces") {
    StringSink out;
    DumpWriter dump(out, {.segment_bytes = 128});
    REQUIRE(dump.begin());
    for (int i = 0; i < 20; ++i) {
        REQUIRE(dump.select(i < 12 ? 0 : 3));
        for (const char c : record(i)) REQUIRE(dump.write({&c, 1}));
        REQUIRE(dump.end_record(1));
    }
    REQUIRE(dump.finish());
    CHECK(out.bytes() == sealed_dump().bytes);
}

TEST_CASE("rdb/seal: records larger than every buffer are sealed whole") {
    const std::string value(300'000, 'v');
    StringSink out;
    DumpWriter dump(out, {});
    REQUIRE(dump.begin());
    Buffer head;
    pack_byte(head, 0);
    pack_raw_string(head, "k");
    pack_length(head, value.size());
    for (int i = 0; i < 5; ++i) REQUIRE(dump.copy_record(0, std::string(head.view()) + value));
    REQUIRE(dump.finish());
    const auto index = index_of(out.bytes());
    REQUIRE(index);
    REQUIRE(index->size() == 3);
    for (const Segment& segment : *index) CHECK(verify(out.bytes(), segment));
    CHECK((*index)[0].keys == 2);
}

TEST_CASE("rdb/seal: the index found from the end is what was written, without a gap") {
    const Sealed dump = sealed_dump();
    const auto index = index_of(dump.bytes);
    REQUIRE(index);
    CHECK(*index == dump.segments);
    REQUIRE(index->size() > 3);
    CHECK(index->front().begin == 0);
    CHECK(index->front().db == 0);
    CHECK(index->back().db == 3);
    uint64_t keys = 0;
    for (const Segment& segment : *index) keys += segment.keys;
    CHECK(keys == 20);
}

TEST_CASE("rdb/seal: the segments' checksums combine to the one at the file's end") {
    const Sealed dump = sealed_dump();
    uint64_t crc = 0;
    for (const Segment& segment : dump.segments) {
        CHECK(verify(dump.bytes, segment));
        crc = crc64_combine(crc, segment.checksum(), segment.bytes());
    }
    const uint64_t end = dump.segments.back().after();
    const std::string_view rest =
        std::string_view(dump.bytes).substr(end, dump.bytes.size() - end - 8);
    CHECK(crc64(rest, crc) == crc64(std::string_view(dump.bytes).substr(0, end + rest.size())));
}

TEST_CASE("rdb/seal: a flip of any byte is located to its segment, and no other one complains") {
    const Sealed dump = sealed_dump();
    for (size_t byte = 0; byte + kTail < dump.bytes.size(); ++byte) {
        CAPTURE(byte);
        std::string bytes = dump.bytes;
        bytes[byte] = static_cast<char>(bytes[byte] ^ 1 << byte % 8);
        const uint64_t begin = segment_begin(dump, byte);
        for (const Segment& segment : dump.segments) {
            const Status status = verify(bytes, segment);
            REQUIRE(status.has_value() == (segment.begin != begin));
            if (!status) CHECK(status.error().offset == begin);
        }
        CHECK(index_of(bytes).has_value() == (begin != dump.segments.back().after()));
    }
}

TEST_CASE("rdb/seal: who reads on behind a flipped value learns where it was") {
    const Sealed dump = sealed_dump();
    for (size_t at = dump.bytes.find("vvv"); at != std::string::npos;
         at = dump.bytes.find("vvv", at + 1)) {
        std::string bytes = dump.bytes;
        bytes[at] = 'w';
        CheckingSource source(bytes);
        const Status status = source.run();
        REQUIRE_FALSE(status);
        CHECK(status.error().code == ErrorCode::kCorrupt);
        CHECK(status.error().offset == segment_begin(dump, at));
    }
    CheckingSource whole(dump.bytes);
    CHECK(whole.run());
    CHECK(whole.check().seals() == dump.segments.size() + 1);
}

TEST_CASE("rdb/seal: a cut at any byte leaves no index, and seals up to the cut") {
    const Sealed dump = sealed_dump();
    for (size_t length = 0; length < dump.bytes.size(); ++length) {
        const std::string_view bytes = std::string_view(dump.bytes).substr(0, length);
        const auto index = index_of(bytes);
        REQUIRE_FALSE(index);
        CHECK(index.error().code == ErrorCode::kNotFound);
        for (const Segment& segment : dump.segments) {
            REQUIRE(verify(bytes, segment).has_value() == (segment.after() <= length));
        }
    }
}

TEST_CASE("rdb/seal: the next seal is found from any byte") {
    const Sealed dump = sealed_dump();
    MemoryInput input(dump.bytes);
    for (size_t from = 0; from < dump.bytes.size(); ++from) {
        const auto found = find_next_seal(input, from);
        REQUIRE(found);
        const auto expected =
            std::find_if(dump.segments.begin(), dump.segments.end(),
                         [&](const Segment& segment) { return segment.end >= from; });
        REQUIRE(found->has_value() == (expected != dump.segments.end()));
        if (*found) CHECK(**found == *expected);
    }
}

TEST_CASE("rdb/seal: a seal is found across the windows of the search") {
    for (size_t before = 256 * 1024 - 130; before < 256 * 1024 + 20; ++before) {
        Buffer seal;
        append_seal(seal, {0, before, 0, 0, 0, 0}, 0);
        const std::string bytes = std::string(before, 'x') + std::string(seal.view());
        MemoryInput input(bytes);
        const auto found = find_next_seal(input, 0);
        REQUIRE(found);
        REQUIRE(*found);
        CHECK((*found)->end == before);
    }
}

TEST_CASE("rdb/seal: a seal in another place than it names is none") {
    const Sealed dump = sealed_dump();
    const std::string moved = "x" + dump.bytes;
    MemoryInput input(moved);
    CHECK_FALSE(*find_next_seal(input, 0));
    CHECK(index_of(moved).error().code == ErrorCode::kNotFound);
}

TEST_CASE("rdb/seal: behind missing bytes the index still tells what was sealed, and where") {
    const Sealed dump = sealed_dump();
    const uint64_t bytes = dump.segments[1].bytes();
    const std::string cut =
        dump.bytes.substr(0, dump.segments[1].begin) + dump.bytes.substr(dump.segments[1].after());
    MemoryInput input(cut);
    const auto index = read_moved_index(input);
    REQUIRE(index);
    CHECK(index->segments == dump.segments);
    CHECK(index->sealed_at - index->offset == bytes);
    const auto seal = find_moved_seal(input, dump.segments[0].after());
    REQUIRE(seal);
    REQUIRE(*seal);
    CHECK((*seal)->segment == dump.segments[2]);
    CHECK((*seal)->offset == dump.segments[2].end - bytes);
    std::string damaged = cut;
    damaged[index->offset + 20] ^= 1;
    MemoryInput unread(damaged);
    CHECK(read_moved_index(unread).error().code == ErrorCode::kCorrupt);
}

TEST_CASE("rdb/seal: an index that fits its checksum and not the file is refused") {
    const Sealed dump = sealed_dump();
    const uint64_t begin = dump.segments.back().after();
    const auto with_index = [&](std::vector<Segment> segments, uint64_t count) {
        Buffer out;
        out.append(std::string_view(dump.bytes).substr(0, begin));
        pack_byte(out, opcode::kAux);
        pack_raw_string(out, kIndexName);
        pack_length(out, segments.size() * kIndexLineBytes);
        for (const Segment& segment : segments) {
            append_seal_text(out, segment);
            out.append('\n');
        }
        const uint64_t crc = crc64(out.view().substr(begin));
        append_footer(out, {out.size(), out.size() - begin, count, 20}, crc);
        return index_of(with_checksum(std::string(out.view()) + "\xff"));
    };
    CHECK(with_index(dump.segments, dump.segments.size()));
    CHECK_FALSE(with_index(dump.segments, UINT64_MAX));
    CHECK_FALSE(with_index({}, 0));
    std::vector<Segment> fewer = dump.segments;
    fewer.erase(fewer.begin() + 1);
    CHECK_FALSE(with_index(fewer, fewer.size()));
    std::vector<Segment> other = dump.segments;
    ++other.back().keys;
    CHECK_FALSE(with_index(other, other.size()));
    other = dump.segments;
    other.back().end = other.back().end + 1;
    CHECK_FALSE(with_index(other, other.size()));
}

TEST_CASE("rdb/seal: version 6 has no place for seals and gets none") {
    const Sealed dump = sealed_dump({.version = 6, .segment_bytes = 128});
    CHECK(dump.segments.empty());
    Collector found;
    CHECK(read_dump(dump.bytes, found)->version == 6);
    CHECK(found.aux_fields.empty());
}

TEST_CASE("rdb/seal: an empty dump is one segment") {
    StringSink out;
    DumpWriter dump(out, {});
    REQUIRE(dump.begin());
    REQUIRE(dump.finish());
    const auto index = index_of(out.bytes());
    REQUIRE(index);
    REQUIRE(index->size() == 1);
    CHECK(index->front().end == kHeadBytes);
}

}  // namespace tidemark::rdb
