// Dumps made by hand, and a sink that writes down what it is told.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/crc64.h"
#include "rdb/codec/reader.h"

namespace tidemark::rdb {

// For literals with NULs inside.
inline std::string operator""_b(const char* bytes, size_t length) {
    return {bytes, length};
}

inline std::string with_checksum(std::string bytes) {
    uint64_t crc = crc64(bytes);
    for (int i = 0; i < 8; ++i, crc >>= 8) bytes += static_cast<char>(crc & 0xff);
    return bytes;
}

// Head, records, EOF, checksum.
inline std::string dump(std::string_view records, std::string_view head = "REDIS0011") {
    return with_checksum(std::string(head) + std::string(records) + "\xff");
}

// A key a line: "0/name = value", then "expire=", "idle=", "freq=" where given.
class Collector final : public ValueSink {
public:
    Status select_db(uint64_t db) override {
        if (db < 16) return {};
        return fail(ErrorCode::kUnsupported, "no such db");
    }
    void aux(std::string_view name, std::string_view value) override {
        aux_fields.push_back(fmt::format("{}={}", name, value));
    }
    Status begin_key(const KeyRecord& key) override {
        name_ = fmt::format("{}/{}", key.db, key.name);
        attributes_.clear();
        if (key.expire_at_ms) attributes_ += fmt::format(" expire={}", *key.expire_at_ms);
        if (key.idle_seconds) attributes_ += fmt::format(" idle={}", *key.idle_seconds);
        if (key.frequency) attributes_ += fmt::format(" freq={}", *key.frequency);
        return {};
    }
    Status string(std::string_view value) override {
        keys.push_back(fmt::format("{} = {}{}", name_, value, attributes_));
        return {};
    }
    Status end() override {
        ended = true;
        return {};
    }

    std::vector<std::string> keys;
    std::vector<std::string> aux_fields;
    bool ended = false;

private:
    std::string name_;
    std::string attributes_;
};

inline Result<Summary> read_dump(std::string_view bytes, Collector& into) {
    MemoryInput input(bytes);
    return Reader(input, into).read();
}

}  // namespace tidemark::rdb
