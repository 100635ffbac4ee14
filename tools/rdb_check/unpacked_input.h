// An input in which a compressed string that cannot be unpacked to its end is replaced: by what can
// be, uncompressed. What is behind it moves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rdb/codec/byte_source.h"

namespace tidemark::rdb_check {

// Whether the rest of the string's size is filled, with bytes that begin no element of a listpack
// or a ziplist, so that its head still fits it.
enum class Filling : uint8_t { kNone, kToSize };

class UnpackedInput final : public rdb::Input {
public:
    // The string's head is at `begin`. Nothing: it is not compressed, or too large to be held.
    static Result<std::optional<UnpackedInput>> make(rdb::Input& input, uint64_t begin,
                                                     Filling filling);

    uint64_t size() const override { return input_->size() + text_.size() - (end_ - begin_); }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override;

private:
    UnpackedInput(rdb::Input& input, uint64_t begin, uint64_t end, std::string text)
        : input_(&input), begin_(begin), end_(end), text_(std::move(text)) {}

    rdb::Input* input_;
    uint64_t begin_;  // of what is replaced
    uint64_t end_;
    std::string text_;
};

}  // namespace tidemark::rdb_check
