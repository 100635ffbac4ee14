// Strings and packed values that are too large to be held come in parts and mean the same.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "rdb/codec/blob.h"
#include "rdb/codec/unique.h"
#include "tests/rdb/event_log.h"
#include "tests/rdb/speller.h"
#include "tests/rdb/values.h"

namespace tidemark::rdb {
namespace {

// Notes each piece; holds nothing.
class Pieces final : public ValueSink {
public:
    Status begin_key(const KeyRecord&) override { return {}; }
    Status long_string(uint64_t bytes) override {
        announced = bytes;
        return {};
    }
    Status part(std::string_view bytes) override { return piece(bytes); }
    Status string(std::string_view bytes) override { return piece(bytes); }
    Status element(std::string_view bytes) override { return piece(bytes); }
    Status field(std::string_view bytes) override { return piece(bytes); }
    Status field_value(std::string_view bytes, std::optional<int64_t>) override {
        return piece(bytes);
    }
    Status begin_hash(uint64_t count) override {
        elements = count;
        return {};
    }
    Status begin_list(uint64_t count) override {
        elements = count;
        return {};
    }

    uint64_t announced = 0;
    uint64_t elements = 0;
    uint64_t total = 0;
    uint64_t pieces = 0;
    size_t longest = 0;
    Hash128 digest;  // of all pieces that were not cut the same this differs

private:
    Status piece(std::string_view text) {
        ++pieces;
        total += text.size();
        longest = std::max(longest, text.size());
        digest = hash128(text, digest);
        return {};
    }
};

// Bytes of a file that is nowhere: a head, a filler of any length, an end. Does not go back.
class Generated final : public Input {
public:
    Generated(std::string head, uint64_t filler, std::string end)
        : head_(std::move(head)), filler_(filler), end_(std::move(end)) {}
    uint64_t size() const override { return kUnknownSize; }
    bool can_go_back() const override { return false; }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        CHECK(offset == next_);
        longest_read = std::max(longest_read, length);
        size_t made = 0;
        for (; made < length; ++made, ++next_) {
            if (next_ < head_.size()) {
                to[made] = head_[next_];
            } else if (next_ < head_.size() + filler_) {
                to[made] = 'x';
            } else if (next_ - head_.size() - filler_ < end_.size()) {
                to[made] = end_[next_ - head_.size() - filler_];
            } else {
                break;
            }
        }
        return made;
    }
    size_t longest_read = 0;

private:
    std::string head_;
    uint64_t filler_;
    std::string end_;
    uint64_t next_ = 0;
};

Pieces pieces_of(int type, const std::string& value) {
    const std::string bytes = dump(static_cast<char>(type) + str("k") + value);
    MemoryInput input(bytes);
    Pieces pieces;
    const auto summary = Reader(input, pieces).read();
    if (!summary) FAIL(summary.error().what);
    return pieces;
}

std::string numbered(size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i);
    text.resize(size);
    return text;
}

// Fields of 16 bytes and values of 1000, so that a hash grows beyond what is held.
Texts many_pairs(size_t count) {
    Texts pairs;
    for (size_t i = 0; i < count; ++i) {
        pairs.push_back(fmt::format("field{:011}", i));
        pairs.push_back(numbered(1000));
    }
    return pairs;
}

}  // namespace

TEST_CASE("rdb/long: a string above the limit comes in parts, compressed or not") {
    for (const size_t size : {kWholeStringMax, kWholeStringMax + 1, 3 * kWholeStringMax + 7}) {
        CAPTURE(size);
        const std::string text = numbered(size);
        const Pieces plain = pieces_of(0, str(text));
        const Pieces packed = pieces_of(0, lzf(text));
        CHECK(plain.total == size);
        CHECK((plain.pieces > 1) == (size > kWholeStringMax));
        CHECK(plain.announced == (size > kWholeStringMax ? size : 0));
        CHECK(plain.longest <= kWholeStringMax);
        CHECK(packed.digest == plain.digest);
        CHECK(packed.pieces == plain.pieces);
        CHECK(spelt(0, str(text)) == "string " + text + ".");
        CHECK(spelt(0, lzf(text)) == "string " + text + ".");
    }
}

TEST_CASE("rdb/long: long elements come in parts from every encoding") {
    const std::string text = numbered(2 * kWholeStringMax + 100'000);
    const std::string expected = "list 3: a " + text + " b.";
    CHECK(spelt(1, strs({"a", text, "b"})) == expected);
    CHECK(spelt(10, str(ziplist({"a", text, "b"}))) == expected);
    CHECK(spelt(10, lzf(ziplist({"a", text, "b"}))) == expected);
    CHECK(spelt(18, length(3) + length(1) + str("a") + length(1) + lzf(text) + length(2) +
                        str(listpack({"b"}))) == expected);
    CHECK(spelt(18, length(1) + length(2) + lzf(listpack({"a", text, "b"}))) == expected);
    CHECK(spelt(9, str(zipmap({"f", text, "g", "1"}, 2))) == "hash 2: f=" + text + " g=1.");
}

TEST_CASE("rdb/long: two long members are told apart by their ends alone") {
    const std::string text = numbered(kWholeStringMax + 300'000);
    CHECK(spelt(2, strs({text + "a", text + "b"})) == "set 2: " + text + "a " + text + "b.");
    CHECK(fault(2, strs({text, "x", text})).starts_with("duplicate-element@2"));
    CHECK(fault(2, length(2) + str(text) + lzf(text)).starts_with("duplicate-element@1"));
    CHECK(fault(20, str(listpack({text, text}))).starts_with("duplicate-element@1"));
}

TEST_CASE("rdb/long: packed values beyond what is held are walked in pieces") {
    const Texts pairs = many_pairs(9000);
    const std::string pack = listpack(pairs);
    REQUIRE(pack.size() > kWholeBlobMax);
    const Pieces plain = pieces_of(16, str(pack));
    const Pieces packed = pieces_of(16, lzf(pack));
    CHECK(plain.elements == 9000);
    CHECK(plain.pieces == 18'000);
    CHECK(packed.digest == plain.digest);
    CHECK(pieces_of(13, str(ziplist(pairs))).digest == plain.digest);
    CHECK(pieces_of(13, lzf(ziplist(pairs))).digest == plain.digest);
    CHECK(pieces_of(9, lzf(zipmap(pairs, 254))).digest == plain.digest);
}

TEST_CASE("rdb/long: damage in a large packed value is found in its element") {
    std::string pack = listpack(many_pairs(9000));
    pack[pack.size() - 2] = '\1';  // the last backlen
    CHECK(fault(16, str(pack)) == "bad-encoding@8999: an element's backlen is not its length");
    CHECK(fault(16, lzf(pack)) == "bad-encoding@8999: an element's backlen is not its length");
    std::string bytes = lzf(listpack(many_pairs(9000)));
    bytes.resize(bytes.size() - 1);
    CHECK(Spelt(16, bytes).summary.error().code != ErrorCode::kUnsupported);
    CHECK_FALSE(Spelt(16, bytes).summary);
}

TEST_CASE("rdb/long: a packed value of unknown count is walked twice where it is not held") {
    Texts many;
    for (int i = 0; i < 70'000; ++i) many.push_back(fmt::format("{:0150}", i));
    const std::string pack = listpack(many);
    REQUIRE(pack.size() > kWholeBlobMax);
    CHECK(pieces_of(18, length(1) + length(2) + str(pack)).elements == 70'000);
    CHECK(pieces_of(18, length(1) + length(2) + lzf(pack)).elements == 70'000);
    CHECK(pieces_of(16, str(pack)).elements == 35'000);
}

TEST_CASE("rdb/long: a large stream node comes without its listpack, by its entries") {
    Texts node = {"9000", "0", "1", "f", "0"};
    for (int i = 0; i < 9000; ++i) {
        for (const std::string& text : {std::string("2"), std::string("0"), std::to_string(i),
                                        numbered(1000), std::string("4")})
            node.push_back(text);
    }
    const std::string rest = length(9000) + length(1) + length(8999) + length(1) + length(0) +
                             length(0) + length(0) + length(9000) + length(0);
    const std::string value = length(1) + str(stream_id(1, 0)) + str(listpack(node)) + rest;
    const std::string bytes = dump(static_cast<char>(21) + str("k") + value);
    MemoryInput input(bytes);
    EventLog log;
    REQUIRE(Reader(input, log).read());
    const std::string& said = log.keys.at("0/k");
    CHECK(said.find("node 1-0 0:  entry 1-0 1 1:f ") != std::string::npos);
    CHECK(said.find("entry 1-8999 1 1:f 1000:") != std::string::npos);
}

TEST_CASE("rdb/long: an input of unknown size that cannot go back is read once, front to back") {
    constexpr uint64_t kSize = 40'000'000;
    std::string head = "REDIS0003";
    head += '\0';
    head += str("k") + length(kSize);
    Generated input(head, kSize,
                    std::string("\1\1l\2\1a\1b\x0e\1q\1", 12) + str(ziplist({"a", "b"})) + "\xff");
    Pieces pieces;
    const auto summary = Reader(input, pieces).read();
    if (!summary) FAIL(summary.error().what);
    CHECK(summary->keys == 3);
    CHECK(pieces.announced == kSize);
    CHECK(pieces.longest <= kWholeStringMax);
    CHECK(pieces.elements == kCountUnknown);  // of the quicklist
    CHECK(input.longest_read <= 2 * kWholeStringMax);
}

TEST_CASE("rdb/long: a length that claims too much of an unknown input reserves nothing") {
    for (const std::string& claim : {length(uint64_t{1} << 62), length(400'000'000)}) {
        Generated input("REDIS0011" + std::string(1, '\0') + claim, 1000, "");
        Pieces pieces;
        const auto summary = Reader(input, pieces).read();
        REQUIRE_FALSE(summary);
        CHECK(input.longest_read <= 1'000'000);
        CHECK((summary.error().code == ErrorCode::kTruncated ||
               summary.error().what.find("longer than Redis allows") != std::string::npos));
    }
}

}  // namespace tidemark::rdb
