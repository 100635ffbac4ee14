#include "tools/rdb_check/report/measure.h"

#include <algorithm>

#include "base/number.h"
#include "rdb/codec/types.h"
#include "tools/rdb_check/key_slot.h"

namespace tidemark::rdb_check {

namespace {

// A writer's name for its version is a word.
constexpr size_t kWriterBytesMax = 64;
// Of creation times that are believed: the year 10,000.
constexpr int64_t kTimeEnd = 253'402'300'800;

}  // namespace

void Measure::aux(std::string_view name, std::string_view value) {
    if (name == "redis-ver" || name == "valkey-ver")
        file_.writer = value.substr(0, kWriterBytesMax);
    if (name == "redis-ver" && (value.starts_with("7.0") || value.starts_with("6.") ||
                                value.starts_with("5.") || value.starts_with("4.")))
        estimate_.set_rules(RedisRules::k7_0);
    if (name == "ctime") {
        const auto seconds = parse_int64(value);
        if (seconds && *seconds > 0 && *seconds < kTimeEnd) file_.created_at_s = seconds;
    }
    if (name == "used-mem") file_.used_memory = parse_uint64(value);
}

Status Measure::function(std::string_view source) {
    ++file_.functions;
    file_.function_bytes += source.size();
    return {};
}

Status Measure::module_aux(std::string_view, uint64_t begin, uint64_t end) {
    ++file_.module_aux;
    file_.module_aux_bytes += end - begin;
    return {};
}

Status Measure::progress(uint64_t done, uint64_t) {
    if (shown_ != nullptr) shown_->update(done);
    return stop_ != nullptr ? stop_->check() : Status{};
}

Status Measure::begin_key(const rdb::KeyRecord& key) {
    const KeyFacts facts = facts_of(key);
    verdict_ = TM_TRY(filter_.judge(facts));
    // The filter will ask for the name again, all of it, when it could not decide.
    name_.assign(verdict_ == Verdict::kOpen ? key.name : key.name.substr(0, kReportNameMax));
    std::vector<int64_t> expiries = std::move(figures_.field_expiries_ms);
    expiries.clear();
    figures_ = KeyFigures{};
    figures_.field_expiries_ms = std::move(expiries);
    figures_.db = key.db;
    figures_.name_bytes = key.name.size();
    figures_.slot = key_slot(key.name);
    figures_.type = facts.type;
    figures_.encoding = key.type->encoding;
    figures_.expire_at_ms = key.expire_at_ms;
    figures_.idle_seconds = key.idle_seconds;
    figures_.frequency = key.frequency;
    begin_offset_ = key.begin_offset;
    long_length_.reset();
    entry_bytes_ = 0;
    return {};
}

Status Measure::end_key(uint64_t end_offset) {
    if (verdict_ == Verdict::kNo) return {};
    Amounts& amounts = figures_.amounts;
    amounts.keys = 1;
    amounts.file_bytes = end_offset - begin_offset_;
    amounts.redis_bytes =
        estimate_.redis_bytes(figures_.name_bytes, figures_.expire_at_ms.has_value());
    amounts.tidemark_bytes =
        estimate_.tidemark_bytes(figures_.name_bytes, figures_.expire_at_ms.has_value());
    if (verdict_ == Verdict::kOpen) {
        const KeyFacts facts{figures_.db,           name_,
                             figures_.type,         figures_.expire_at_ms,
                             figures_.idle_seconds, figures_.frequency,
                             amounts.file_bytes,    amounts.elements};
        if (TM_TRY(filter_.judge(facts)) != Verdict::kYes) return {};
    }
    figures_.name = std::string_view(name_).substr(0, kReportNameMax);
    return take_(figures_, file_);
}

Status Measure::begin_value(ValueKind kind) {
    estimate_.begin(kind);
    return {};
}

Status Measure::long_string(uint64_t bytes) {
    long_length_ = bytes;
    return {};
}

uint64_t Measure::whole_length(std::string_view end) {
    const uint64_t length = long_length_.value_or(end.size());
    long_length_.reset();
    return length;
}

void Measure::add_element(std::string_view value) {
    const uint64_t length = whole_length(value);
    entry_bytes_ += length;
    estimate_.element(value, length);
}

Status Measure::string(std::string_view value) {
    estimate_.begin(ValueKind::kString);
    const uint64_t length = whole_length(value);
    estimate_.string(value, length);
    figures_.encoding = estimate_.string_encoding();
    figures_.amounts.elements = 1;
    figures_.largest_element = length;
    return {};
}

Status Measure::element(std::string_view value) {
    entry_bytes_ = 0;
    add_element(value);
    ++figures_.amounts.elements;
    figures_.largest_element = std::max(figures_.largest_element, entry_bytes_);
    return {};
}

Status Measure::scored(std::string_view member, double score) {
    TM_CHECK(element(member));
    estimate_.score(score);
    return {};
}

Status Measure::field(std::string_view name) {
    entry_bytes_ = 0;
    add_element(name);
    return {};
}

Status Measure::field_value(std::string_view value, std::optional<int64_t> expire_at_ms) {
    add_element(value);
    ++figures_.amounts.elements;
    figures_.largest_element = std::max(figures_.largest_element, entry_bytes_);
    if (!expire_at_ms) return {};
    estimate_.field_expiry();
    ++figures_.fields_with_expiry;
    if (figures_.field_expiries_ms.size() < kFieldExpiriesMax)
        figures_.field_expiries_ms.push_back(*expire_at_ms);
    return {};
}

Status Measure::stream_node(rdb::StreamId, std::string_view listpack) {
    // One that is too large to be held comes empty, and then by its entries.
    is_node_empty_ = listpack.empty();
    estimate_.stream_node(listpack.size());
    return {};
}

Status Measure::stream_entry(rdb::StreamId, uint64_t) {
    entry_bytes_ = 0;
    ++figures_.amounts.elements;
    return {};
}

void Measure::grow_entry(std::string_view part) {
    const uint64_t length = whole_length(part);
    entry_bytes_ += length;
    if (is_node_empty_) estimate_.opaque(length);
    figures_.largest_element = std::max(figures_.largest_element, entry_bytes_);
}

Status Measure::stream_field(std::string_view name) {
    grow_entry(name);
    return {};
}

Status Measure::stream_value(std::string_view value) {
    grow_entry(value);
    return {};
}

Status Measure::stream_group(const rdb::StreamGroup& group) {
    estimate_.stream_group(group.name.size());
    return {};
}

Status Measure::stream_pending(const rdb::StreamPending&) {
    estimate_.stream_pending();
    return {};
}

Status Measure::stream_consumer(const rdb::StreamConsumer& consumer) {
    estimate_.stream_consumer(consumer.name.size());
    return {};
}

Status Measure::module_value(std::string_view module, uint64_t begin, uint64_t end) {
    estimate_.begin(ValueKind::kModule);
    estimate_.opaque(end - begin);
    module_.assign(module);
    figures_.encoding = module_;
    figures_.amounts.elements = 1;
    figures_.largest_element = end - begin;
    return {};
}

}  // namespace tidemark::rdb_check
