// 128 bits that stand for a key, or for its value: equal ones mean the same thing, to one chance in
// 2^64 for four billion keys.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "rdb/codec/byte_source.h"
#include "rdb/codec/value_sink.h"

namespace tidemark::rdb_check {

struct Digest {
    uint64_t low = 0;
    uint64_t high = 0;
    auto operator<=>(const Digest&) const = default;
    // Of things whose order does not matter.
    Digest& operator+=(const Digest& other) {
        low += other.low;
        high += other.high + (low < other.low ? 1 : 0);
        return *this;
    }
};

Digest digest_of(std::string_view bytes);
// Of a key by name.
Digest key_digest(uint64_t db, std::string_view name);

// The value's digest does not depend on how the file holds it: not on its encoding, not on the
// order of a set, a hash, a sorted set, a stream's groups or consumers. It leaves out what changes
// by looking: a consumer's seen and active times, a group's entries-read, idle time and LFU
// counter. The key's own expiry is not in it; those of a hash's fields are.
class ValueDigest : public rdb::ValueSink {
public:
    // `input`: where a module's value is read.
    explicit ValueDigest(rdb::Input& input);
    ~ValueDigest() override;
    ValueDigest(const ValueDigest&) = delete;
    ValueDigest& operator=(const ValueDigest&) = delete;

    // Of the key that ended last.
    const Digest& value() const { return value_; }

    Status begin_key(const rdb::KeyRecord& key) override;
    Status end_key(uint64_t end_offset) override;

    Status long_string(uint64_t bytes) override;
    Status part(std::string_view bytes) override;

    Status string(std::string_view value) override;
    Status element(std::string_view value) override;
    Status member(std::string_view value) override;
    Status scored(std::string_view value, double score) override;
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
    Status stream_producers(const rdb::StreamProducers& producers) override;
    Status stream_producer(std::string_view name, uint64_t iids) override;
    Status stream_iid(std::string_view iid, rdb::StreamId id) override;
    Status stream_producers_end(const rdb::StreamProducers& producers) override;
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override;

private:
    Digest text(std::string_view rest);
    void end_consumer();
    void end_group();

    rdb::Input& input_;
    struct LongText;
    std::unique_ptr<LongText> long_;  // of a string that comes in parts
    bool is_long_ = false;
    Digest value_;
    Digest chain_;  // of what has an order
    Digest sum_;    // of what has none
    Digest field_;

    bool in_group_ = false;
    bool in_consumer_ = false;
    Digest group_;
    Digest consumers_;
    Digest consumer_;
};

}  // namespace tidemark::rdb_check
