// Turns what a reader says of a dump into figures, a key at a time. Keeps one key's figures and the
// beginning of its name; of values nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "rdb/codec/value_sink.h"
#include "tools/common/progress.h"
#include "tools/common/stop_flag.h"
#include "tools/rdb_check/filter.h"
#include "tools/rdb_check/report/file_facts.h"
#include "tools/rdb_check/report/key_figures.h"
#include "tools/rdb_check/report/memory_estimate.h"

namespace tidemark::rdb_check {

// Of one hash; more are counted only.
inline constexpr size_t kFieldExpiriesMax = 65536;

// Gets every key that passes the filter, and what the file has said of itself so far. Views are
// valid during the call.
using TakeFigures = std::function<Status(const KeyFigures&, const FileFacts&)>;

class Measure final : public rdb::ValueSink {
public:
    Measure(const Filter& filter, TakeFigures take) : filter_(filter), take_(std::move(take)) {}

    // Both outlive the reading.
    void watch(tools::Progress& shown, const tools::StopFlag& stop) {
        shown_ = &shown;
        stop_ = &stop;
    }
    const FileFacts& file() const { return file_; }

    void aux(std::string_view name, std::string_view value) override;
    void slot_info(uint64_t, uint64_t, uint64_t) override { ++file_.slot_infos; }
    Status function(std::string_view source) override;
    Status module_aux(std::string_view module, uint64_t begin, uint64_t end) override;
    void warning(const rdb::Finding&) override { ++file_.warnings; }
    Status progress(uint64_t done, uint64_t size) override;

    Status begin_key(const rdb::KeyRecord& key) override;
    Status end_key(uint64_t end_offset) override;

    Status long_string(uint64_t bytes) override;
    Status string(std::string_view value) override;
    Status begin_list(uint64_t) override { return begin_value(ValueKind::kList); }
    Status element(std::string_view value) override;
    Status begin_set(uint64_t) override { return begin_value(ValueKind::kSet); }
    Status member(std::string_view value) override { return element(value); }
    Status begin_zset(uint64_t) override { return begin_value(ValueKind::kZset); }
    Status scored(std::string_view member, double score) override;
    Status begin_hash(uint64_t) override { return begin_value(ValueKind::kHash); }
    Status field(std::string_view name) override;
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override;
    Status begin_stream(uint64_t) override { return begin_value(ValueKind::kStream); }
    Status stream_node(rdb::StreamId, std::string_view listpack) override;
    Status stream_entry(rdb::StreamId, uint64_t fields) override;
    Status stream_field(std::string_view name) override;
    Status stream_value(std::string_view value) override;
    Status stream_group(const rdb::StreamGroup& group) override;
    Status stream_pending(const rdb::StreamPending&) override;
    Status stream_consumer(const rdb::StreamConsumer& consumer) override;
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override;

private:
    Status begin_value(ValueKind kind);
    // Of a string that came in parts: how long it is; else `end`'s own length.
    uint64_t whole_length(std::string_view end);
    void add_element(std::string_view value);
    void grow_entry(std::string_view part);

    const Filter& filter_;
    TakeFigures take_;
    tools::Progress* shown_ = nullptr;
    const tools::StopFlag* stop_ = nullptr;

    FileFacts file_;
    MemoryEstimate estimate_{RedisRules::k7_2};
    KeyFigures figures_;
    std::string name_;
    std::string module_;  // its type's name, nine characters
    Verdict verdict_ = Verdict::kYes;
    uint64_t begin_offset_ = 0;
    std::optional<uint64_t> long_length_;
    bool is_node_empty_ = false;  // of a stream
    uint64_t entry_bytes_ = 0;    // of the pair or stream entry in hand
};

}  // namespace tidemark::rdb_check
