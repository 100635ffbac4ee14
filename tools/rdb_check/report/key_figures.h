// What the report knows of one key, once its value has passed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tidemark::rdb_check {

// Names may be as long as 512 MB; of one longer than this the report knows its beginning only.
inline constexpr size_t kReportNameMax = 4096;

// What keys add up to.
struct Amounts {
    uint64_t keys = 0;
    uint64_t elements = 0;
    uint64_t file_bytes = 0;   // attributes, key and value as they lie in the file
    uint64_t redis_bytes = 0;  // estimates of what they take in memory
    uint64_t tidemark_bytes = 0;

    void add(const Amounts& other) {
        keys += other.keys;
        elements += other.elements;
        file_bytes += other.file_bytes;
        redis_bytes += other.redis_bytes;
        tidemark_bytes += other.tidemark_bytes;
    }
    bool operator==(const Amounts&) const = default;
};

struct KeyFigures {
    uint64_t db = 0;
    std::string_view name;         // at most kReportNameMax bytes of it
    uint64_t name_bytes = 0;       // all of it
    uint16_t slot = 0;             // of a cluster
    std::string_view type;         // as TYPE answers: "string"
    std::string_view encoding;     // how the file holds it; of a string, how a server will
    Amounts amounts;               // keys is 1
    uint64_t largest_element = 0;  // bytes: of a string, its value
    std::optional<int64_t> expire_at_ms;
    std::optional<uint64_t> idle_seconds;
    std::optional<uint8_t> frequency;
    std::vector<int64_t> field_expiries_ms;  // at most kFieldExpiriesMax of a hash's
    uint64_t fields_with_expiry = 0;         // all of them
};

}  // namespace tidemark::rdb_check
