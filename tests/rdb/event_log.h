// Writes down what a sink is told, so that two readings can be compared: a line a key, with the
// elements of sets, sorted sets and hashes in an order of their own.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rdb/codec/value_sink.h"

namespace tidemark::rdb {

// Text that nothing else can be mistaken for.
inline std::string quoted(std::string_view text) {
    return fmt::format("{}:{} ", text.size(), text);
}

class EventLog final : public ValueSink {
public:
    // What versions before this one have no place for is left out.
    explicit EventLog(int version = 99) : version_(version) {}

    // "db/name" to everything about it.
    std::map<std::string, std::string> keys;
    std::vector<std::string> functions;
    std::vector<std::string> aux_fields;

    void aux(std::string_view name, std::string_view value) override {
        if (!name.starts_with("tm-")) aux_fields.push_back(quoted(name) + quoted(whole(value)));
    }
    Status function(std::string_view source) override {
        functions.emplace_back(whole(source));
        return {};
    }
    Status begin_key(const KeyRecord& key) override {
        name_ = fmt::format("{}/{}", key.db, whole(key.name));
        value_.clear();
        elements_.clear();
        if (key.expire_at_ms) value_ += fmt::format("expire={} ", *key.expire_at_ms);
        if (version_ >= 9 && key.idle_seconds) value_ += fmt::format("idle={} ", *key.idle_seconds);
        if (version_ >= 9 && key.frequency) value_ += fmt::format("freq={} ", *key.frequency);
        return {};
    }
    Status end_key(uint64_t) override {
        if (is_sorted_) std::sort(elements_.begin(), elements_.end());
        for (const std::string& element : elements_) value_ += element;
        is_sorted_ = false;
        const bool is_empty_collection = is_collection_ && elements_.empty();
        is_collection_ = false;
        // Nobody writes those.
        if (!is_empty_collection) keys[name_] += value_;
        return {};
    }

    Status long_string(uint64_t) override {
        held_.clear();
        is_holding_ = true;
        return {};
    }
    Status part(std::string_view bytes) override {
        held_.append(bytes);
        return {};
    }

    Status string(std::string_view text) override { return add("string ", text); }
    Status begin_list(uint64_t count) override { return collection("list", count); }
    Status element(std::string_view text) override { return add("", text); }
    Status begin_set(uint64_t count) override { return sorted("set", count); }
    Status member(std::string_view text) override { return add("", text); }
    Status begin_zset(uint64_t count) override { return sorted("zset", count); }
    Status scored(std::string_view member, double score) override {
        elements_.push_back(quoted(whole(member)) + fmt::format("{} ", score));
        return {};
    }
    Status begin_hash(uint64_t count) override { return sorted("hash", count); }
    Status field(std::string_view name) override { return add("", name); }
    Status field_value(std::string_view text, std::optional<int64_t> expire_at_ms) override {
        elements_.back() += quoted(whole(text));
        if (expire_at_ms && version_ >= 12) {
            // An encoder makes no difference between 0 and 1.
            elements_.back() += fmt::format("at={} ", std::max<int64_t>(*expire_at_ms, 1));
        }
        return {};
    }

    Status begin_stream(uint64_t nodes) override {
        value_ += fmt::format("stream nodes={} ", nodes);
        return {};
    }
    Status stream_node(StreamId first, std::string_view listpack) override {
        return note("node {} {}", show(first), quoted(whole(listpack)));
    }
    Status stream_entry(StreamId id, uint64_t fields) override {
        return note("entry {} {}", show(id), fields);
    }
    Status stream_field(std::string_view name) override { return add("", name); }
    Status stream_value(std::string_view text) override { return add("", text); }
    Status stream_state(const StreamState& state) override {
        TM_CHECK(
            note("length={} last={} groups={}", state.length, show(state.last_id), state.groups));
        if (version_ < 10) return {};
        return note("first={} deleted={} added={}", show(state.first_id),
                    show(state.max_deleted_id), state.entries_added);
    }
    Status stream_group(const StreamGroup& group) override {
        TM_CHECK(note("group {} last={} pending={}", quoted(whole(group.name)), show(group.last_id),
                      group.pending));
        return version_ < 10 ? Status() : note("read={}", group.entries_read);
    }
    Status stream_pending(const StreamPending& pending) override {
        return note("pending {} at={} deliveries={}", show(pending.id), pending.delivered_at_ms,
                    pending.deliveries);
    }
    Status stream_consumers(uint64_t count) override { return note("consumers={}", count); }
    Status stream_consumer(const StreamConsumer& consumer) override {
        TM_CHECK(note("consumer {} seen={} pending={}", quoted(whole(consumer.name)),
                      consumer.seen_at_ms, consumer.pending));
        return version_ < 11 ? Status() : note("active={}", consumer.active_at_ms);
    }
    Status stream_owned(StreamId id) override { return note("owned {}", show(id)); }
    Status stream_producers(const StreamProducers& producers) override {
        if (version_ < 13) return {};
        return note("producers {} {} {}", producers.duration_s, producers.entries_max,
                    producers.producers);
    }
    Status stream_producer(std::string_view name, uint64_t iids) override {
        return version_ < 13 ? Status() : note("producer {} {}", name, iids);
    }
    Status stream_iid(std::string_view name, StreamId id) override {
        return version_ < 13 ? Status() : note("iid {} {}", name, show(id));
    }
    Status stream_producers_end(const StreamProducers& producers) override {
        if (version_ < 13) return {};
        return note("iids {} {}", producers.iids_added, producers.iids_duplicates);
    }
    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override {
        return note("module {} {} bytes", module, end - begin);
    }

private:
    static std::string show(StreamId id) { return fmt::format("{}-{}", id.ms, id.seq); }

    template <class... Args>
    Status note(fmt::format_string<Args...> format, Args&&... args) {
        elements_.push_back(fmt::format(format, std::forward<Args>(args)...) + " ");
        return {};
    }
    Status add(std::string_view before, std::string_view text) {
        elements_.push_back(std::string(before) + quoted(whole(text)));
        return {};
    }
    Status collection(std::string_view kind, uint64_t count) {
        value_ += fmt::format("{} {} ", kind, count);
        is_collection_ = true;
        return {};
    }
    Status sorted(std::string_view kind, uint64_t count) {
        is_sorted_ = true;
        return collection(kind, count);
    }
    std::string_view whole(std::string_view rest) {
        if (!std::exchange(is_holding_, false)) return rest;
        held_.append(rest);
        return held_;
    }

    int version_;
    std::string name_;
    std::string value_;
    std::vector<std::string> elements_;
    bool is_sorted_ = false;
    bool is_collection_ = false;
    std::string held_;
    bool is_holding_ = false;
};

}  // namespace tidemark::rdb
