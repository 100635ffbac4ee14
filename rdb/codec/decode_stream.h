// Streams, in the two halves that decode_stream.cc and decode_stream_groups.cc hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rdb/codec/decoding.h"

namespace tidemark::rdb {

// What the forms add, one by one: types 15, 19, 21, 26.
enum class StreamForm : uint8_t { kFirst = 1, kSecond, kThird, kFourth };

// As a file holds one: two numbers, big endian.
inline constexpr size_t kStreamIdBytes = 16;

std::string to_text(StreamId id);

// The nodes and their entries.
class StreamEntries {
public:
    explicit StreamEntries(Decoding& to) : to_(to) {}

    Status decode();

    uint64_t nodes() const { return nodes_; }
    uint64_t live() const { return live_; }
    StreamId first_live() const { return first_live_; }
    StreamId last() const { return last_; }  // live or deleted

private:
    struct Master {
        StreamId id;
        int64_t live = 0;
        int64_t deleted = 0;
        uint64_t fields = 0;
    };
    struct Entry {
        StreamId id;
        bool is_deleted = false;
        bool has_master_fields = false;
        uint64_t fields = 0;
    };

    Status decode_node();
    Result<StreamId> node_id();
    Result<Master> master_entry(StreamId id);
    Status keep_name();
    Status decode_entry(const Master& master);
    Result<Entry> entry_head(const Master& master);
    Status entry_fields(const Entry& entry);
    Status hand_on_name(uint64_t index);
    Status next(std::string_view wanted);
    Result<int64_t> next_integer(std::string_view wanted);
    tl::unexpected<Error> inconsistent(std::string what,
                                       std::optional<ServerDoes> server = std::nullopt);

    Decoding& to_;
    uint64_t nodes_ = 0;
    uint64_t live_ = 0;
    uint64_t entries_ = 0;
    StreamId first_live_;
    StreamId last_;
    std::optional<StreamId> node_before_;
    // The master's field names, one behind the other.
    std::string names_;
    std::vector<size_t> name_ends_;
};

// Consumer groups: names, what is pending, who owns it.
class StreamGroups {
public:
    StreamGroups(Decoding& to, StreamForm form) : to_(to), form_(form) {}

    Status decode(uint64_t count);

private:
    // Of IDs, whatever their order: two lists without duplicates are the same when count and sums
    // are.
    struct IdSum {
        uint64_t count = 0;
        uint64_t low = 0;
        uint64_t high = 0;
        void add(const Hash128& hash);
        bool operator==(const IdSum&) const = default;
    };

    Status decode_group();
    Status decode_pending(uint64_t count);
    Status decode_consumer(IdSum& owned);
    Status decode_owned(IdSum& owned);
    Result<StreamId> raw_id();
    static Hash128 hash_of(StreamId id, uint64_t what, uint64_t group);

    Decoding& to_;
    StreamForm form_;
    uint64_t group_ = 0;
    std::string name_;  // of the group
    std::string consumer_name_;
    IdSum pending_;
};

// Type 26: producers whose repeated additions are recognised.
Status decode_producers(Decoding& to);

}  // namespace tidemark::rdb
