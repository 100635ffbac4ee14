// A list: as a quicklist of listpacks when it is small enough to be collected first, since the
// number of nodes stands in front; else element by element. So it can be written without its length
// being known at first, when it is small enough.
//
//   18   nodes | (1 | element) or (2 | listpack of up to 8 KiB) ...
//   1    count | element ...
#pragma once

#include "rdb/codec/elements.h"
#include "rdb/codec/record_out.h"

namespace tidemark::rdb {

class ListEncoder {
public:
    explicit ListEncoder(RecordOut& out) : out_(out) {}

    Status begin(uint64_t count);
    Status element(std::string_view text);
    // What has been collected is written, what comes follows at once.
    Status make_plain();
    Status end();

private:
    bool wants_quicklist() const;
    Status write_quicklist();

    RecordOut& out_;
    uint64_t count_ = 0;
    bool is_collecting_ = false;
    Elements waiting_;
};

}  // namespace tidemark::rdb
