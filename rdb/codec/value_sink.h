// Where a dump's contents go, in the file's order: the loader builds keys, a checker counts, an
// encoder writes them again, tests collect.
//
// Calls for one key:   begin_key, one value, end_key. A value is one of
//   string | begin_list element... | begin_set member... | begin_zset scored...
//   | begin_hash (field field_value)... | begin_stream node... stream_state group...
//   | module_value
// Counts are exact: as many elements follow as the begin_ call said. Only from an input that cannot
// go back (Input::can_go_back) it can be kCountUnknown: of a quicklist, or of a packed value that
// is too large to be held and does not know its count.
//
// A value is never held whole for a sink. A string argument longer than kWholeStringMax comes in
// parts: long_string(total), then part() for all but its end, then the ordinary call with the rest.
// A sink that wants whole strings puts WholeStrings (whole_strings.h) in front.
//
// Views are valid during the call only. An error ends the reading of this key; without an offset it
// gets that of the record. All defaults accept and forget, except begin_key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace tidemark::rdb {

struct Finding;
struct TypeRow;

inline constexpr size_t kWholeStringMax = 1024 * 1024;

inline constexpr uint64_t kCountUnknown = UINT64_MAX;

struct KeyRecord {
    uint64_t db = 0;
    std::string_view name;
    std::optional<int64_t> expire_at_ms;  // unix time; may be over
    std::optional<uint64_t> idle_seconds;
    std::optional<uint8_t> frequency;
    uint64_t offset = 0;        // of the type byte
    uint64_t begin_offset = 0;  // of the first attribute that belongs to the key, or of its type
    const TypeRow* type = nullptr;  // what the file says; never nullptr when a reader calls
};

struct StreamId {
    uint64_t ms = 0;
    uint64_t seq = 0;
    auto operator<=>(const StreamId&) const = default;
};

inline constexpr uint64_t kEntriesReadUnknown = UINT64_MAX;

struct StreamState {
    uint64_t length = 0;  // live entries, as the file says
    StreamId last_id;
    StreamId first_id;        // before type 19: from the data
    StreamId max_deleted_id;  // before type 19: 0-0
    uint64_t entries_added = 0;
    uint64_t groups = 0;
};

struct StreamGroup {
    std::string_view name;
    StreamId last_id;
    uint64_t entries_read = kEntriesReadUnknown;
    uint64_t pending = 0;  // stream_pending calls follow, then stream_consumers
};

struct StreamPending {
    StreamId id;
    int64_t delivered_at_ms = 0;
    uint64_t deliveries = 0;
};

struct StreamConsumer {
    std::string_view name;
    int64_t seen_at_ms = 0;
    int64_t active_at_ms = 0;  // before type 21: as seen
    uint64_t pending = 0;      // stream_owned calls follow
};

struct StreamProducers {  // type 26: idempotent producers
    uint64_t duration_s = 0;
    uint64_t entries_max = 0;
    uint64_t producers = 0;
    uint64_t iids_added = 0;  // known once the last producer was read: see stream_producers_end
    uint64_t iids_duplicates = 0;
};

class ValueSink {
public:
    virtual ~ValueSink() = default;

    // --- the file
    virtual Status select_db(uint64_t) { return {}; }
    virtual void aux(std::string_view /*name*/, std::string_view /*value*/) {}
    virtual void resize_db(uint64_t /*keys*/, uint64_t /*with_expiry*/) {}
    virtual void slot_info(uint64_t /*slot*/, uint64_t /*keys*/, uint64_t /*with_expiry*/) {}
    // A library of functions, verbatim.
    virtual Status function(std::string_view /*source*/) { return {}; }
    // Data of a module that belongs to no key; lies in [begin, end) with its opcode.
    virtual Status module_aux(std::string_view /*module*/, uint64_t /*begin*/, uint64_t /*end*/) {
        return {};
    }
    // Something that loads and is wrong all the same.
    virtual void warning(const Finding&) {}
    // Bytes done and in all, now and then, between two keys.
    virtual Status progress(uint64_t, uint64_t) { return {}; }
    // Data of modules about the key that comes next: begin_offset of the key is before it.
    virtual Status key_meta(uint64_t /*begin*/, uint64_t /*end*/) { return {}; }
    // Valkey: the import of slots that was under way.
    virtual Status slot_import(std::string_view /*job*/, uint64_t /*begin*/, uint64_t /*end*/) {
        return {};
    }
    // All keys have come and the checksum fits.
    virtual Status end() { return {}; }

    // --- a key
    virtual Status begin_key(const KeyRecord& key) = 0;
    virtual Status end_key(uint64_t /*end_offset*/) { return {}; }

    // --- strings in parts
    virtual Status long_string(uint64_t /*bytes*/) { return {}; }
    virtual Status part(std::string_view) { return {}; }

    // --- values
    virtual Status string(std::string_view) { return {}; }

    virtual Status begin_list(uint64_t) { return {}; }
    virtual Status element(std::string_view) { return {}; }

    virtual Status begin_set(uint64_t) { return {}; }
    virtual Status member(std::string_view) { return {}; }

    // Scores are never NaN, unless the reader was told to pass them. In the file's order, which may
    // be any.
    virtual Status begin_zset(uint64_t) { return {}; }
    virtual Status scored(std::string_view, double) { return {}; }

    virtual Status begin_hash(uint64_t) { return {}; }
    virtual Status field(std::string_view) { return {}; }
    virtual Status field_value(std::string_view, std::optional<int64_t> /*expire_at_ms*/) {
        return {};
    }

    // A node is a listpack (with its master entry first) or what entry by entry says the same: both
    // come, the node first, then its live entries. Sound for sure once the key ends. A node that is
    // too large to be held (kWholeBlobMax) comes as an empty listpack, and then by its entries.
    virtual Status begin_stream(uint64_t /*nodes*/) { return {}; }
    virtual Status stream_node(StreamId /*master*/, std::string_view /*listpack*/) { return {}; }
    virtual Status stream_entry(StreamId, uint64_t /*fields*/) { return {}; }
    virtual Status stream_field(std::string_view) { return {}; }
    virtual Status stream_value(std::string_view) { return {}; }
    virtual Status stream_state(const StreamState&) { return {}; }
    virtual Status stream_group(const StreamGroup&) { return {}; }
    virtual Status stream_pending(const StreamPending&) { return {}; }
    virtual Status stream_consumers(uint64_t /*count*/) { return {}; }  // of the group
    virtual Status stream_consumer(const StreamConsumer&) { return {}; }
    virtual Status stream_owned(StreamId) { return {}; }
    virtual Status stream_producers(const StreamProducers&) { return {}; }
    virtual Status stream_producer(std::string_view, uint64_t /*iids*/) { return {}; }
    virtual Status stream_iid(std::string_view, StreamId) { return {}; }
    virtual Status stream_producers_end(const StreamProducers&) { return {}; }

    // A module's value cannot be understood; it lies in [begin, end) behind the key.
    virtual Status module_value(std::string_view /*module*/, uint64_t /*begin*/, uint64_t /*end*/) {
        return {};
    }
};

}  // namespace tidemark::rdb
