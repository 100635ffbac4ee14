// A set: small ones as an intset or, from version 11 on, as a listpack; else member by member.
//
//   11   intset
//   20   listpack of members
//   2    count | member ...
#pragma once

#include "rdb/codec/elements.h"
#include "rdb/codec/record_out.h"

namespace tidemark::rdb {

class SetEncoder {
public:
    explicit SetEncoder(RecordOut& out) : out_(out) {}

    Status begin(uint64_t count);
    Status member(std::string_view text);
    Status make_plain();
    Status end();

private:
    bool fits_listpack() const;
    Status write_intset();
    Status write_listpack();

    RecordOut& out_;
    uint64_t count_ = 0;
    bool is_collecting_ = false;
    size_t longest_ = 0;
    Elements waiting_;
    std::vector<int64_t> integers_;  // as many as there are in waiting_: all are integers
};

}  // namespace tidemark::rdb
