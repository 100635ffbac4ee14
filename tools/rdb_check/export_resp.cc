// Commands that make a dump's data again. A collection comes in commands of at most kBatch
// elements, so that a server is not stopped by a large one; how many elements a command has is in
// its header, which goes out in front of its first element:
//
//   *66 RPUSH key e1 ... e64    *3 RPUSH key e65    *3 PEXPIREAT key ms
//
// Made for servers from 7.0 on (XSETID and XGROUP CREATE with their newer options); fields with an
// expiry need 7.4. Idle times and LFU counters have no command and are not kept.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/crc64.h"
#include "base/number.h"
#include "rdb/codec/types.h"
#include "tools/rdb_check/exporter.h"
#include "tools/rdb_check/pending_table.h"
#include "tools/rdb_check/resp_commands.h"

namespace tidemark::rdb_check {

namespace {

using rdb::StreamId;

constexpr uint64_t kBatch = 64;
constexpr size_t kCopyBytes = 64 * 1024;

class RespExporter final : public Exporter {
public:
    RespExporter(OutBuffer& out, rdb::Input& input, ExistingKeys existing)
        : to_(out), input_(input), existing_(existing), pending_(tools::default_spool_folder()) {}

    Status function(std::string_view source) override {
        if (existing_ == ExistingKeys::kReplace) {
            to_.whole({"FUNCTION", "LOAD", "REPLACE", source});
        } else {
            to_.whole({"FUNCTION", "LOAD", source});
        }
        return to_.status();
    }
    Status begin_key(const rdb::KeyRecord& key) override;
    Status end_key(uint64_t) override;

    Status long_string(uint64_t bytes) override;
    Status part(std::string_view bytes) override;

    Status string(std::string_view value) override {
        begin_argument();
        return end_argument(value);
    }
    Status begin_list(uint64_t count) override { return begin_batches("RPUSH", count, 1); }
    Status element(std::string_view value) override { return next_argument(value); }
    Status begin_set(uint64_t count) override { return begin_batches("SADD", count, 1); }
    Status member(std::string_view value) override { return next_argument(value); }
    Status begin_zset(uint64_t count) override {
        holds_ = true;  // a score stands in front of its member
        return begin_batches("ZADD", count, 2);
    }
    Status scored(std::string_view member, double score) override;
    Status begin_hash(uint64_t count) override { return begin_batches("HSET", count, 2); }
    Status field(std::string_view name) override;
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override;

    Status begin_stream(uint64_t) override {
        verb_ = "XADD";
        return to_.status();
    }
    Status stream_entry(StreamId id, uint64_t fields) override;
    Status stream_field(std::string_view name) override { return end_argument(name); }
    Status stream_value(std::string_view value) override { return end_argument(value); }
    Status stream_state(const rdb::StreamState& state) override;
    Status stream_group(const rdb::StreamGroup& group) override;
    Status stream_pending(const rdb::StreamPending& pending) override {
        return pending_.add(pending);
    }
    Status stream_consumer(const rdb::StreamConsumer& consumer) override;
    Status stream_owned(StreamId id) override;

    Status module_value(std::string_view module, uint64_t begin, uint64_t end) override;

private:
    void select(uint64_t db);
    Status begin_batches(std::string_view verb, uint64_t count, uint64_t words) {
        verb_ = verb;
        remaining_ = count;
        words_ = words;
        in_batch_ = 0;
        return to_.status();
    }
    // The command's header and its first arguments, unless they are out already.
    void begin_argument();
    Status end_argument(std::string_view rest) {
        if (std::exchange(is_long_, false)) {
            to_.end_long(rest);
        } else {
            to_.text(rest);
        }
        return to_.status();
    }
    Status next_argument(std::string_view value) {
        begin_argument();
        TM_CHECK(end_argument(value));
        return end_element();
    }
    Status end_element();
    std::string held(std::string_view rest) { return std::exchange(held_, {}).append(rest); }

    RespCommands to_;
    rdb::Input& input_;
    ExistingKeys existing_;
    std::optional<uint64_t> db_;  // selected last

    std::string key_;
    std::optional<int64_t> expire_at_ms_;
    uint8_t type_ = 0;

    std::string_view verb_;    // empty: a string
    uint64_t remaining_ = 0;   // elements, those of this command too
    uint64_t words_ = 1;       // arguments an element
    uint64_t in_batch_ = 0;    // elements still to come in this command
    bool in_element_ = false;  // its first argument is out
    bool is_long_ = false;     // an argument is being written in parts
    bool holds_ = false;       // parts are put together
    std::string held_;

    std::string field_;
    std::vector<std::pair<std::string, int64_t>> expiring_;  // of this command

    bool has_entries_ = false;
    std::string group_;
    std::string consumer_;
    PendingTable pending_;
};

void RespExporter::select(uint64_t db) {
    if (db_ == db) return;
    db_ = db;
    to_.whole({"SELECT", fmt::format_int(db).c_str()});
}

Status RespExporter::begin_key(const rdb::KeyRecord& key) {
    select(key.db);
    key_.assign(key.name);
    expire_at_ms_ = key.expire_at_ms;
    type_ = key.type->number;
    verb_ = {};
    holds_ = false;
    has_entries_ = false;
    if (existing_ == ExistingKeys::kReplace) to_.whole({"DEL", key_});
    return to_.status();
}

Status RespExporter::end_key(uint64_t) {
    if (!expire_at_ms_) return to_.status();
    to_.begin(3);
    to_.text("PEXPIREAT");
    to_.text(key_);
    to_.number(*expire_at_ms_);
    return to_.status();
}

Status RespExporter::long_string(uint64_t bytes) {
    if (holds_) return {};
    begin_argument();
    to_.begin_long(bytes);
    is_long_ = true;
    if (!in_element_) field_.clear();
    return to_.status();
}

Status RespExporter::part(std::string_view bytes) {
    if (holds_) {
        held_.append(bytes);
    } else {
        to_.part(bytes);
        // A field's name is needed again if it has an expiry.
        if (verb_ == "HSET" && !in_element_) field_.append(bytes);
    }
    return to_.status();
}

void RespExporter::begin_argument() {
    if (is_long_ || verb_ == "XADD") return;
    if (verb_.empty()) {
        to_.begin(3);
        to_.text("SET");
        to_.text(key_);
        return;
    }
    if (in_batch_ > 0) return;
    in_batch_ = std::min(remaining_, kBatch);
    to_.begin(2 + in_batch_ * words_);
    to_.text(verb_);
    to_.text(key_);
}

Status RespExporter::end_element() {
    --remaining_;
    --in_batch_;
    if (in_batch_ > 0) return to_.status();
    for (const auto& [field, expire_at_ms] : expiring_) {
        to_.begin(6);
        to_.text("HPEXPIREAT");
        to_.text(key_);
        to_.number(expire_at_ms);
        to_.text("FIELDS");
        to_.text("1");
        to_.text(field);
    }
    expiring_.clear();
    return to_.status();
}

Status RespExporter::scored(std::string_view member, double score) {
    begin_argument();
    to_.text(format_double(score));
    to_.text(held(member));
    return end_element();
}

Status RespExporter::field(std::string_view name) {
    begin_argument();
    if (!is_long_) field_.clear();
    field_.append(name);
    in_element_ = true;
    return end_argument(name);
}

Status RespExporter::field_value(std::string_view value, std::optional<int64_t> expire_at_ms) {
    TM_CHECK(end_argument(value));
    in_element_ = false;
    if (expire_at_ms) expiring_.emplace_back(field_, *expire_at_ms);
    return end_element();
}

Status RespExporter::stream_entry(StreamId id, uint64_t fields) {
    has_entries_ = true;
    to_.begin(3 + 2 * fields);
    to_.text("XADD");
    to_.text(key_);
    to_.id(id);
    return to_.status();
}

Status RespExporter::stream_state(const rdb::StreamState& state) {
    holds_ = true;
    // Nothing else makes an empty stream that has no group.
    if (!has_entries_) to_.whole({"XADD", key_, "MAXLEN", "0", "0-1", "x", "y"});
    to_.begin(7);
    to_.text("XSETID");
    to_.text(key_);
    to_.id(state.last_id);
    to_.text("ENTRIESADDED");
    to_.text(fmt::format_int(state.entries_added).c_str());
    to_.text("MAXDELETEDID");
    to_.id(state.max_deleted_id);
    return to_.status();
}

Status RespExporter::stream_group(const rdb::StreamGroup& group) {
    pending_.clear();
    group_ = held(group.name);
    to_.begin(7);
    to_.text("XGROUP");
    to_.text("CREATE");
    to_.text(key_);
    to_.text(group_);
    to_.id(group.last_id);
    to_.text("ENTRIESREAD");
    const bool is_unknown = group.entries_read == rdb::kEntriesReadUnknown;
    to_.text(is_unknown ? "-1" : fmt::format_int(group.entries_read).c_str());
    return to_.status();
}

Status RespExporter::stream_consumer(const rdb::StreamConsumer& consumer) {
    consumer_ = held(consumer.name);
    to_.whole({"XGROUP", "CREATECONSUMER", key_, group_, consumer_});
    return to_.status();
}

Status RespExporter::stream_owned(StreamId id) {
    const std::optional<rdb::StreamPending> pending = TM_TRY(pending_.find(id));
    if (!pending) return {};  // the reader has refused it
    to_.begin(12);
    to_.text("XCLAIM");
    to_.text(key_);
    to_.text(group_);
    to_.text(consumer_);
    to_.text("0");
    to_.id(id);
    to_.text("TIME");
    to_.number(pending->delivered_at_ms);
    to_.text("RETRYCOUNT");
    to_.text(fmt::format_int(pending->deliveries).c_str());
    to_.text("JUSTID");
    to_.text("FORCE");
    return to_.status();
}

// As DUMP would have it: type, value, version, checksum of all that.
Status RespExporter::module_value(std::string_view, uint64_t begin, uint64_t end) {
    constexpr std::string_view kVersion("\x0b\x00", 2);
    const char type = static_cast<char>(type_);
    to_.begin(5);
    to_.text("RESTORE");
    to_.text(key_);
    to_.text("0");
    to_.begin_long(1 + (end - begin) + kVersion.size() + 8);
    uint64_t crc = crc64({&type, 1});
    to_.part({&type, 1});
    std::vector<char> bytes(kCopyBytes);
    for (uint64_t at = begin; at < end;) {
        const size_t wanted = std::min<uint64_t>(bytes.size(), end - at);
        const size_t got = TM_TRY(input_.read_at(bytes.data(), wanted, at));
        if (got == 0) return fail(ErrorCode::kTruncated, "it became shorter while being read", at);
        crc = crc64({bytes.data(), got}, crc);
        to_.part({bytes.data(), got});
        at += got;
    }
    to_.part(kVersion);
    crc = crc64(kVersion, crc);
    std::array<char, 8> sum{};
    for (char& byte : sum) byte = static_cast<char>(std::exchange(crc, crc >> 8) & 0xff);
    to_.end_long({sum.data(), sum.size()});
    to_.text("REPLACE");
    return to_.status();
}

}  // namespace

std::unique_ptr<Exporter> make_resp_exporter(OutBuffer& out, rdb::Input& input,
                                             ExistingKeys existing) {
    return std::make_unique<RespExporter>(out, input, existing);
}

}  // namespace tidemark::rdb_check
