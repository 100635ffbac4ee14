// One value in a dump of its own, and what is said of it: the value as a line of text, or its
// fault.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rdb/codec/reader.h"
#include "rdb/codec/types.h"
#include "rdb/codec/whole_strings.h"
#include "tests/rdb/dump.h"
#include "tests/rdb/values.h"

namespace tidemark::rdb {

// A value as a line of text.
class Speller final : public ValueSink {
public:
    std::string text;
    std::vector<std::string> warnings;

    void warning(const Finding& finding) override {
        warnings.emplace_back(row_of(finding.code).name);
    }
    Status begin_key(const KeyRecord&) override { return {}; }
    Status end_key(uint64_t) override { return say("."); }
    Status string(std::string_view value) override { return say("string {}", value); }
    Status begin_list(uint64_t count) override { return say("list {}:", count); }
    Status element(std::string_view value) override { return say(" {}", value); }
    Status begin_set(uint64_t count) override { return say("set {}:", count); }
    Status member(std::string_view value) override { return say(" {}", value); }
    Status begin_zset(uint64_t count) override { return say("zset {}:", count); }
    Status scored(std::string_view value, double score) override {
        return say(" {}={}", value, score);
    }
    Status begin_hash(uint64_t count) override { return say("hash {}:", count); }
    Status field(std::string_view value) override { return say(" {}", value); }
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override {
        return expire_at_ms ? say("={}@{}", value, *expire_at_ms) : say("={}", value);
    }
    Status begin_stream(uint64_t nodes) override { return say("stream {}:", nodes); }
    Status stream_entry(StreamId id, uint64_t fields) override {
        return say(" {}-{}({})", id.ms, id.seq, fields);
    }
    Status stream_field(std::string_view name) override { return say(" {}", name); }
    Status stream_value(std::string_view value) override { return say("={}", value); }
    Status stream_state(const StreamState& state) override {
        return say(" | {} last {}-{} first {}-{} deleted {}-{} added {}", state.length,
                   state.last_id.ms, state.last_id.seq, state.first_id.ms, state.first_id.seq,
                   state.max_deleted_id.ms, state.max_deleted_id.seq, state.entries_added);
    }
    Status stream_group(const StreamGroup& group) override {
        return say(" | group {} {}-{} read {}:", group.name, group.last_id.ms, group.last_id.seq,
                   group.entries_read);
    }
    Status stream_pending(const StreamPending& pending) override {
        return say(" {}-{} {}x", pending.id.ms, pending.id.seq, pending.deliveries);
    }
    Status stream_consumers(uint64_t count) override { return say(" {} consumers", count); }
    Status stream_consumer(const StreamConsumer& consumer) override {
        return say(" {} {}/{}", consumer.name, consumer.seen_at_ms, consumer.active_at_ms);
    }
    Status stream_owned(StreamId id) override { return say(" {}-{}", id.ms, id.seq); }
    Status stream_producer(std::string_view name, uint64_t iids) override {
        return say(" producer {} {}:", name, iids);
    }
    Status stream_iid(std::string_view name, StreamId id) override {
        return say(" {}={}-{}", name, id.ms, id.seq);
    }
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override {
        return say("module {} {} bytes", module, end - begin);
    }

private:
    template <class... Args>
    Status say(fmt::format_string<Args...> format, Args&&... args) {
        text += fmt::format(format, std::forward<Args>(args)...);
        return {};
    }
};

struct Spelt {
    Speller said;
    Result<Summary> summary = fail(ErrorCode::kInvalid, "not read");
    std::optional<Finding> finding;

    Spelt(int type, const std::string& value, std::string_view head = "REDIS0013") {
        const std::string bytes = dump(static_cast<char>(type) + str("k") + value, head);
        MemoryInput input(bytes);
        WholeStrings whole(said);
        Reader reader(input, whole);
        summary = reader.read();
        if (reader.finding() != nullptr) finding = *reader.finding();
    }
};

// What a sound value says, then its warnings.
inline std::string spelt(int type, const std::string& value, std::string_view head = "REDIS0013") {
    const Spelt read(type, value, head);
    if (!read.summary) return "refused: " + read.summary.error().what;
    std::string text = read.said.text;
    for (const std::string& warning : read.said.warnings) text += " !" + warning;
    return text;
}

// "code@element: what" of a damaged one.
inline std::string fault(int type, const std::string& value, std::string_view head = "REDIS0013") {
    const Spelt read(type, value, head);
    if (read.summary) return "sound: " + read.said.text;
    if (!read.finding) return "no finding: " + read.summary.error().what;
    const Finding& finding = *read.finding;
    CHECK(finding.key == "k");
    CHECK(finding.type == type);
    CHECK(finding.db == 0);
    CHECK(finding.begin <= finding.end);
    std::string text(row_of(finding.code).name);
    if (finding.element) text += fmt::format("@{}", *finding.element);
    return text + ": " + finding.what;
}

}  // namespace tidemark::rdb
