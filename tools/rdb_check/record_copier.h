// Records as they lie in one dump, copied into another.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "rdb/codec/byte_source.h"
#include "rdb/codec/dump_writer.h"

namespace tidemark::rdb_check {

class RecordCopier {
public:
    explicit RecordCopier(rdb::Input& from) : from_(from) {}

    // [begin, end) is the record of one key: attributes, type, name, value.
    Status copy(rdb::RecordSink& to, uint64_t db, uint64_t begin, uint64_t end);
    // The same with another name: the old one lies behind the type byte and ends at value_offset.
    Status copy_renamed(rdb::RecordSink& to, uint64_t db, uint64_t begin, uint64_t type_offset,
                        std::string_view name, uint64_t value_offset, uint64_t end);

    // The bytes alone.
    Status copy_bytes(rdb::ByteSink& to, uint64_t begin, uint64_t end);

private:
    Result<std::string_view> window_at(uint64_t offset);

    rdb::Input& from_;
    std::vector<char> window_;
    uint64_t window_begin_ = 0;
    size_t window_bytes_ = 0;
};

}  // namespace tidemark::rdb_check
