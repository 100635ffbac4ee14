// A key and its value for a person to read, an element a line:
//
//   hash "user:1" of db 0 (listpack), expires at 1700000000000 (2023-11-14 22:13:20 UTC)
//     "name" = "Ada"
//
// Bytes that are no printable ASCII are \xHH, so that nothing reaches the terminal but text.
#pragma once

#include <cstdint>
#include <string>

#include "rdb/codec/value_sink.h"
#include "tools/rdb_check/out_buffer.h"

namespace tidemark::rdb_check {

class KeyPrinter final : public rdb::ValueSink {
public:
    explicit KeyPrinter(OutBuffer& out) : out_(out) {}

    Status begin_key(const rdb::KeyRecord& key) override;
    Status end_key(uint64_t end_offset) override;

    Status long_string(uint64_t bytes) override;
    Status part(std::string_view bytes) override;

    Status string(std::string_view value) override;
    Status begin_list(uint64_t count) override;
    Status element(std::string_view value) override;
    Status begin_set(uint64_t count) override;
    Status member(std::string_view value) override;
    Status begin_zset(uint64_t count) override;
    Status scored(std::string_view value, double score) override;
    Status begin_hash(uint64_t count) override;
    Status field(std::string_view name) override;
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override;
    Status stream_entry(rdb::StreamId id, uint64_t fields) override;
    Status stream_field(std::string_view name) override;
    Status stream_value(std::string_view value) override;
    Status stream_state(const rdb::StreamState& state) override;
    Status stream_group(const rdb::StreamGroup& group) override;
    Status stream_pending(const rdb::StreamPending& pending) override;
    Status stream_consumer(const rdb::StreamConsumer& consumer) override;
    Status stream_owned(rdb::StreamId id) override;
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override;

private:
    // What stands in front of the string that comes next, once.
    void begin_text();
    void text(std::string_view rest);
    Status line(std::string_view text);
    Status counted(uint64_t count, std::string_view noun, std::string_view prefix);

    OutBuffer& out_;
    std::string prefix_;  // of an element's line
    bool is_list_ = false;
    uint64_t index_ = 0;
    uint64_t begin_ = 0;
    bool is_long_ = false;
    bool in_line_ = false;  // a line is open, and a string of it is out
};

// "1700000000000 (2023-11-14 22:13:20 UTC)"; the number alone where no calendar has it.
std::string format_time(int64_t unix_ms);

}  // namespace tidemark::rdb_check
