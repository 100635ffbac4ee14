// JSON of keys. One key is one object; what is open in it is a stack, so that the next thing to
// come closes what it does not belong to:
//
//   depth 1  {"db":0,"key":"s","type":"stream","encoding":"...","entries":
//   depth 2  [
//   depth 3  {"id":"1-1","fields":
//   depth 4  [{"field":"f","value":"v"}]}], "length":1, ..., "groups":
//   depth 2  [
//   depth 3  {"name":"g","last_id":"1-1","entries_read":1,"pending":
//   depth 4  [{"id":"1-1","delivered_at_ms":1,"deliveries":1}],"consumers":
//   depth 4  [
//   depth 5  {"name":"c","seen_at_ms":1,"active_at_ms":1,"pending":
//   depth 6  ["1-1"]}]}]}
#include <fmt/format.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <string>
#include <utility>

#include "base/number.h"
#include "rdb/codec/decode_stream.h"
#include "rdb/codec/types.h"
#include "tools/common/json.h"
#include "tools/rdb_check/exporter.h"
#include "tools/rdb_check/filter.h"

namespace tidemark::rdb_check {

namespace {

using rdb::StreamId;
using tools::json_bytes;
using tools::json_key;
using tools::json_string;

// What RapidJSON calls a stream.
class BufferStream {
public:
    using Ch = char;
    explicit BufferStream(OutBuffer& out) : out_(out) {}
    void Put(char c) { out_.append(c); }
    void Flush() {}

private:
    OutBuffer& out_;
};

// The string that comes next, as a member of what.
enum class Next : uint8_t {
    kValue,   // "value" of the key, or of a field
    kItem,    // an element of an array, by itself
    kMember,  // "member", which begins an object
    kField,   // "field", which begins an object
    kHeld,    // names of groups and consumers: put together first
};

class JsonExporter final : public Exporter {
public:
    JsonExporter(OutBuffer& out, JsonFrame frame)
        : out_(out), stream_(out), json_(stream_), frame_(frame) {}

    void begin() override {
        if (frame_ == JsonFrame::kArray) out_.append("[\n");
    }
    void finish() override {
        close_key();
        if (frame_ == JsonFrame::kArray) out_.append("\n]\n");
    }

    Status function(std::string_view source) override {
        begin_object();
        json_bytes(json_, "function", source);
        end_object();
        return out_.status();
    }
    Status begin_key(const rdb::KeyRecord& key) override;
    Status end_key(uint64_t) override {
        close_key();
        return out_.status();
    }

    Status long_string(uint64_t) override {
        if (next_ != Next::kHeld) begin_long();
        return out_.status();
    }
    Status part(std::string_view bytes) override {
        if (next_ == Next::kHeld) {
            held_.append(bytes);
        } else {
            append_base64(bytes);
        }
        return out_.status();
    }

    Status string(std::string_view value) override { return bytes("value", value); }

    Status begin_list(uint64_t) override { return open_array("elements", Next::kItem); }
    Status element(std::string_view value) override { return item(value); }
    Status begin_set(uint64_t) override { return open_array("members", Next::kItem); }
    Status member(std::string_view value) override { return item(value); }

    Status begin_zset(uint64_t) override { return open_array("members", Next::kMember); }
    Status scored(std::string_view value, double score) override;

    Status begin_hash(uint64_t) override { return open_array("fields", Next::kField); }
    Status field(std::string_view name) override { return begin_pair(name); }
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override {
        return end_pair(value, expire_at_ms);
    }

    Status begin_stream(uint64_t) override { return open_array("entries", Next::kField); }
    Status stream_entry(StreamId id, uint64_t) override;
    Status stream_field(std::string_view name) override { return begin_pair(name); }
    Status stream_value(std::string_view value) override { return end_pair(value, std::nullopt); }
    Status stream_state(const rdb::StreamState& state) override;
    Status stream_group(const rdb::StreamGroup& group) override;
    Status stream_pending(const rdb::StreamPending& pending) override;
    Status stream_consumer(const rdb::StreamConsumer& consumer) override;
    Status stream_owned(StreamId id) override {
        json_string(json_, to_text(id));
        return out_.status();
    }

    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override {
        ++left_out_.module_values;
        member_text("module", module);
        member_number("bytes", end - begin);
        return out_.status();
    }

private:
    void begin_object() {
        if (frame_ == JsonFrame::kArray && count_ > 0) out_.append(",\n");
        ++count_;
        json_.Reset(stream_);
        open('{');
    }
    void end_object() {
        close();
        if (frame_ == JsonFrame::kLines) out_.append('\n');
    }
    void open(char what) {
        what == '[' ? json_.StartArray() : json_.StartObject();
        kinds_[depth_++] = what;
    }
    Status open_array(std::string_view name, Next next) {
        json_key(json_, name);
        open('[');
        next_ = next;
        return out_.status();
    }
    void close() { kinds_[--depth_] == '[' ? json_.EndArray() : json_.EndObject(); }
    void unwind(size_t depth) {
        while (depth_ > depth) close();
    }
    // At its end; also in the middle of one that turned out to be damaged, so that what is written
    // is JSON all the same.
    void close_key() {
        if (depth_ == 0) return;
        if (is_long_) end_long({});
        end_group();
        unwind(1);
        end_object();
    }
    void end_group();

    void member_text(std::string_view name, std::string_view text) {
        json_key(json_, name);
        json_string(json_, text);
    }
    void member_number(std::string_view name, uint64_t value) {
        json_key(json_, name);
        json_.Uint64(value);
    }
    void member_time(std::string_view name, int64_t value) {
        json_key(json_, name);
        json_.Int64(value);
    }
    void member_id(std::string_view name, StreamId id) { member_text(name, to_text(id)); }

    // A member, or the end of one that came in parts.
    Status bytes(std::string_view name, std::string_view value) {
        if (is_long_) {
            end_long(value);
        } else {
            json_bytes(json_, name, value);
        }
        return out_.status();
    }
    Status item(std::string_view value);
    Status begin_pair(std::string_view name);
    Status end_pair(std::string_view value, std::optional<int64_t> expire_at_ms);
    std::string held(std::string_view rest) { return std::exchange(held_, {}).append(rest); }

    void begin_long();
    void append_base64(std::string_view bytes);
    void end_long(std::string_view rest);

    OutBuffer& out_;
    BufferStream stream_;
    rapidjson::Writer<BufferStream> json_;
    JsonFrame frame_;
    uint64_t count_ = 0;
    Next next_ = Next::kValue;
    size_t depth_ = 0;
    char kinds_[8] = {};
    bool is_long_ = false;
    std::string unencoded_;  // up to two bytes that base64 has not taken yet
    std::string held_;
    bool in_group_ = false;
    bool has_consumers_ = false;
};

Status JsonExporter::begin_key(const rdb::KeyRecord& key) {
    begin_object();
    next_ = Next::kValue;
    member_number("db", key.db);
    json_bytes(json_, "key", key.name);
    member_text("type", type_name(*key.type));
    member_text("encoding", key.type->encoding);
    if (key.expire_at_ms) member_time("expire_at_ms", *key.expire_at_ms);
    if (key.idle_seconds) member_number("idle_seconds", *key.idle_seconds);
    if (key.frequency) member_number("freq", *key.frequency);
    return out_.status();
}

Status JsonExporter::item(std::string_view value) {
    if (!is_long_ && tools::is_utf8(value)) {
        json_string(json_, value);
        return out_.status();
    }
    if (is_long_) {
        end_long(value);
    } else {
        open('{');
        member_text("b64", tools::base64(value));
    }
    close();
    return out_.status();
}

Status JsonExporter::scored(std::string_view value, double score) {
    if (!is_long_) open('{');
    TM_CHECK(bytes("member", value));
    const std::string text = format_double(score);
    json_.Key("score");
    if (std::isinf(score)) {
        json_string(json_, text);
    } else {
        json_.RawValue(text.data(), text.size(), rapidjson::kNumberType);
    }
    close();
    return out_.status();
}

Status JsonExporter::begin_pair(std::string_view name) {
    if (!is_long_) open('{');
    next_ = Next::kValue;
    return bytes("field", name);
}

Status JsonExporter::end_pair(std::string_view value, std::optional<int64_t> expire_at_ms) {
    TM_CHECK(bytes("value", value));
    if (expire_at_ms) member_time("expire_at_ms", *expire_at_ms);
    close();
    next_ = Next::kField;
    return out_.status();
}

Status JsonExporter::stream_entry(StreamId id, uint64_t) {
    unwind(2);
    open('{');
    member_id("id", id);
    return open_array("fields", Next::kField);
}

Status JsonExporter::stream_state(const rdb::StreamState& state) {
    unwind(1);
    member_number("length", state.length);
    member_id("last_id", state.last_id);
    member_id("first_id", state.first_id);
    member_id("max_deleted_id", state.max_deleted_id);
    member_number("entries_added", state.entries_added);
    return open_array("groups", Next::kHeld);
}

Status JsonExporter::stream_group(const rdb::StreamGroup& group) {
    end_group();
    in_group_ = true;
    has_consumers_ = false;
    open('{');
    json_bytes(json_, "name", held(group.name));
    member_id("last_id", group.last_id);
    json_.Key("entries_read");
    if (group.entries_read == rdb::kEntriesReadUnknown) {
        json_.Null();
    } else {
        json_.Uint64(group.entries_read);
    }
    return open_array("pending", Next::kHeld);
}

Status JsonExporter::stream_pending(const rdb::StreamPending& pending) {
    json_.StartObject();
    member_id("id", pending.id);
    member_time("delivered_at_ms", pending.delivered_at_ms);
    member_number("deliveries", pending.deliveries);
    json_.EndObject();
    return out_.status();
}

Status JsonExporter::stream_consumer(const rdb::StreamConsumer& consumer) {
    if (!has_consumers_) {
        unwind(3);
        TM_CHECK(open_array("consumers", Next::kHeld));
        has_consumers_ = true;
    }
    unwind(4);
    open('{');
    json_bytes(json_, "name", held(consumer.name));
    member_time("seen_at_ms", consumer.seen_at_ms);
    member_time("active_at_ms", consumer.active_at_ms);
    return open_array("pending", Next::kHeld);
}

// Every group has the member.
void JsonExporter::end_group() {
    if (!in_group_) return;
    in_group_ = false;
    unwind(3);
    if (!has_consumers_) {
        json_.Key("consumers");
        json_.StartArray();
        json_.EndArray();
    }
    unwind(2);
}

// Which name it has must be known before its bytes are.
void JsonExporter::begin_long() {
    switch (next_) {
        case Next::kValue:
        case Next::kHeld:
            json_.Key("value_b64");
            break;
        case Next::kItem:
            open('{');
            json_.Key("b64");
            break;
        case Next::kMember:
            open('{');
            json_.Key("member_b64");
            break;
        case Next::kField:
            open('{');
            json_.Key("field_b64");
            break;
    }
    json_.RawValue("\"", 1, rapidjson::kStringType);
    is_long_ = true;
}

// Three bytes make four characters: what is over waits for the next part.
void JsonExporter::append_base64(std::string_view bytes) {
    unencoded_.append(bytes);
    const size_t whole = unencoded_.size() - unencoded_.size() % 3;
    out_.append(tools::base64(std::string_view(unencoded_).substr(0, whole)));
    unencoded_.erase(0, whole);
}

void JsonExporter::end_long(std::string_view rest) {
    append_base64(rest);
    out_.append(tools::base64(unencoded_));
    out_.append('"');
    unencoded_.clear();
    is_long_ = false;
}

}  // namespace

std::unique_ptr<Exporter> make_json_exporter(OutBuffer& out, JsonFrame frame) {
    return std::make_unique<JsonExporter>(out, frame);
}

}  // namespace tidemark::rdb_check
