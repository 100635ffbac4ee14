// The bytes of an input from an offset on.
#pragma once

#include "rdb/codec/byte_source.h"

namespace tidemark::rdb_check {

class InputFrom final : public rdb::Input {
public:
    InputFrom(rdb::Input& input, uint64_t begin) : input_(input), begin_(begin) {}
    uint64_t size() const override { return input_.size() - begin_; }
    Result<size_t> read_at(char* to, size_t length, uint64_t offset) override {
        return input_.read_at(to, length, begin_ + offset);
    }

private:
    rdb::Input& input_;
    uint64_t begin_;
};

}  // namespace tidemark::rdb_check
