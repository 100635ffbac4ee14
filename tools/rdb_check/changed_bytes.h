// A checksum that does not fit tells more than that: when a byte, or a short run of them, was
// changed, it tells which and what they were.
//
// CRC is linear, so the difference between the checksum that is and the one that should be depends
// on the changed bits and on how many bytes follow them, and on nothing else. Taken back byte by
// byte from the end it becomes the change itself where the change happened, and a number of 64
// random bits everywhere else: one that is small there by chance is what kChanceMax bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "rdb/codec/byte_source.h"

namespace tidemark::rdb_check {

// Chance of naming a place although the damage is of another kind (many bytes, a hole): 2^-20.
inline constexpr unsigned kChanceBits = 20;
inline constexpr unsigned kChangedBytesMax = 3;

// Bytes [offset, offset + count) have to be xored with the low bytes of `mask`, lowest first.
struct ChangedBytes {
    uint64_t offset = 0;
    unsigned count = 0;
    uint64_t mask = 0;
};

// `difference`: checksum of the bytes as they are, xor what it should be; `length`: how many bytes
// it is of. The stored checksum's own 8 bytes, little-endian, are thought to follow: a change in
// them is found at an offset of `length` or more. nullopt: the damage is of another kind.
std::optional<ChangedBytes> locate_change(uint64_t difference, uint64_t length);

// "; the byte at 1234 was changed, and fix restores it": what a finding ends with.
std::string describe(const ChangedBytes& change);

// An input with some bytes put right.
class MendedInput final : public rdb::Input {
public:
    explicit MendedInput(rdb::Input& input) : input_(input) {}

    void mend(const ChangedBytes& change) { changes_.push_back(change); }
    void forget() { changes_.clear(); }
    const std::vector<ChangedBytes>& changes() const { return changes_; }

    uint64_t size() const override { return input_.size(); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override;

private:
    rdb::Input& input_;
    std::vector<ChangedBytes> changes_;
};

// CRC64 of [begin, end).
Result<uint64_t> checksum_of(rdb::Input& input, uint64_t begin, uint64_t end);

}  // namespace tidemark::rdb_check
