// Where a dump's contents go, in the file's order: the loader builds keys, a checker counts, tests
// collect.
//
// Views are valid during the call only. An error ends the reading; without an offset it gets that
// of the record.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace tidemark::rdb {

struct KeyRecord {
    uint64_t db = 0;
    std::string_view name;
    std::optional<int64_t> expire_at_ms;  // unix time; may be over
    std::optional<uint64_t> idle_seconds;
    std::optional<uint8_t> frequency;
    uint64_t offset = 0;  // of the type byte
};

class ValueSink {
public:
    virtual ~ValueSink() = default;

    virtual Status select_db(uint64_t) { return {}; }
    // About the file; unknown names are of no consequence.
    virtual void aux(std::string_view, std::string_view) {}
    // Now and then, between two keys.
    virtual Status progress(uint64_t, uint64_t) { return {}; }

    // The value is the next call.
    virtual Status begin_key(const KeyRecord& key) = 0;
    virtual Status string(std::string_view value) = 0;

    // All keys have come and the checksum fits.
    virtual Status end() { return {}; }
};

}  // namespace tidemark::rdb
