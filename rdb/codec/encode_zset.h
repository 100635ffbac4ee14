// A sorted set: small ones as a listpack, sorted; else member by member, in the order in which they
// come.
//
//   17   listpack of member, score ... ascending by score, then member
//   5    count | member | score as 8 bytes ...
//   3    the same with scores as text, before version 8
#pragma once

#include "rdb/codec/elements.h"
#include "rdb/codec/record_out.h"

namespace tidemark::rdb {

class ZsetEncoder {
public:
    explicit ZsetEncoder(RecordOut& out) : out_(out) {}

    Status begin(uint64_t count);
    Status scored(std::string_view member, double score);
    Status make_plain();
    Status end();

private:
    Status write_plain(std::string_view member, double score);
    Status write_listpack();

    RecordOut& out_;
    uint64_t count_ = 0;
    bool is_collecting_ = false;
    Elements waiting_;
    std::vector<double> scores_;
};

}  // namespace tidemark::rdb
