#include "tools/rdb_check/key_printer.h"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <utility>

#include "base/number.h"
#include "rdb/codec/decode_stream.h"
#include "rdb/codec/types.h"
#include "tools/common/text.h"
#include "tools/rdb_check/filter.h"

namespace tidemark::rdb_check {

std::string format_time(int64_t unix_ms) {
    const time_t seconds = unix_ms / 1000;
    struct tm parts {};
    std::array<char, 64> text{};
    if (gmtime_r(&seconds, &parts) == nullptr ||
        strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
        return fmt::format("{}", unix_ms);
    return fmt::format("{} ({})", unix_ms, text.data());
}

Status KeyPrinter::line(std::string_view text) {
    out_.append(text);
    out_.append('\n');
    return out_.status();
}

Status KeyPrinter::begin_key(const rdb::KeyRecord& key) {
    prefix_ = "  ";
    is_list_ = false;
    index_ = 0;
    in_line_ = false;
    begin_ = key.begin_offset;
    std::string head = fmt::format("{} \"{}\" of db {} ({})", type_name(*key.type),
                                   tools::escape(key.name), key.db, key.type->encoding);
    if (key.expire_at_ms) head += fmt::format(", expires at {}", format_time(*key.expire_at_ms));
    if (key.idle_seconds) head += fmt::format(", idle for {} s", *key.idle_seconds);
    if (key.frequency) head += fmt::format(", LFU counter {}", *key.frequency);
    return line(head);
}

Status KeyPrinter::end_key(uint64_t end_offset) {
    return line(fmt::format("  bytes {} to {}, {} in all", tools::format_offset(begin_),
                            tools::format_offset(end_offset - 1), end_offset - begin_));
}

void KeyPrinter::begin_text() {
    if (!in_line_) {
        out_.append(prefix_);
        if (is_list_) out_.append(fmt::format("{}: ", index_++));
    }
    out_.append('"');
}

// A string, or the end of one whose parts are out.
void KeyPrinter::text(std::string_view rest) {
    if (!std::exchange(is_long_, false)) begin_text();
    out_.append(tools::escape(rest));
    out_.append('"');
}

Status KeyPrinter::long_string(uint64_t) {
    begin_text();
    is_long_ = true;
    return out_.status();
}

Status KeyPrinter::part(std::string_view bytes) {
    out_.append(tools::escape(bytes));
    return out_.status();
}

Status KeyPrinter::counted(uint64_t count, std::string_view noun, std::string_view prefix) {
    prefix_ = prefix;
    return line(fmt::format("  {}", tools::format_count(count, noun)));
}

Status KeyPrinter::string(std::string_view value) {
    text(value);
    return line("");
}

Status KeyPrinter::begin_list(uint64_t count) {
    is_list_ = true;
    return counted(count, "element", "  ");
}

Status KeyPrinter::element(std::string_view value) {
    return string(value);
}

Status KeyPrinter::begin_set(uint64_t count) {
    return counted(count, "member", "  ");
}

Status KeyPrinter::member(std::string_view value) {
    return string(value);
}

Status KeyPrinter::begin_zset(uint64_t count) {
    return counted(count, "member", "  ");
}

Status KeyPrinter::scored(std::string_view value, double score) {
    text(value);
    return line(fmt::format(" score {}", format_double(score)));
}

Status KeyPrinter::begin_hash(uint64_t count) {
    return counted(count, "field", "  ");
}

Status KeyPrinter::field(std::string_view name) {
    text(name);
    out_.append(" = ");
    in_line_ = true;
    return out_.status();
}

Status KeyPrinter::field_value(std::string_view value, std::optional<int64_t> expire_at_ms) {
    text(value);
    in_line_ = false;
    if (expire_at_ms) out_.append(fmt::format(", expires at {}", format_time(*expire_at_ms)));
    return line("");
}

Status KeyPrinter::stream_entry(rdb::StreamId id, uint64_t) {
    prefix_ = "    ";
    return line(fmt::format("  {}", to_text(id)));
}

Status KeyPrinter::stream_field(std::string_view name) {
    return field(name);
}

Status KeyPrinter::stream_value(std::string_view value) {
    return field_value(value, std::nullopt);
}

Status KeyPrinter::stream_state(const rdb::StreamState& state) {
    TM_CHECK(
        line(fmt::format("  {} live, {} added in all, first id {}, last id {}, deleted up to {}",
                         state.length, state.entries_added, to_text(state.first_id),
                         to_text(state.last_id), to_text(state.max_deleted_id))));
    prefix_ = "  group ";
    return out_.status();
}

Status KeyPrinter::stream_group(const rdb::StreamGroup& group) {
    prefix_ = "  group ";
    text(group.name);
    const std::string read = group.entries_read == rdb::kEntriesReadUnknown
                                 ? "an unknown number"
                                 : fmt::format("{}", group.entries_read);
    prefix_ = "    consumer ";
    return line(fmt::format(": {} read, last id {}, {} pending", read, to_text(group.last_id),
                            group.pending));
}

Status KeyPrinter::stream_pending(const rdb::StreamPending& pending) {
    return line(
        fmt::format("    pending {}, delivered {}, last at {}", to_text(pending.id),
                    pending.deliveries == 1 ? "once" : fmt::format("{} times", pending.deliveries),
                    format_time(pending.delivered_at_ms)));
}

Status KeyPrinter::stream_consumer(const rdb::StreamConsumer& consumer) {
    text(consumer.name);
    return line(fmt::format(": seen at {}, active at {}, {} pending",
                            format_time(consumer.seen_at_ms), format_time(consumer.active_at_ms),
                            consumer.pending));
}

Status KeyPrinter::stream_owned(rdb::StreamId id) {
    return line(fmt::format("      {}", to_text(id)));
}

Status KeyPrinter::module_value(std::string_view module, uint64_t begin, uint64_t end) {
    return line(fmt::format("  {} of the module type '{}', which only the module can read",
                            tools::format_bytes(end - begin), tools::escape(module)));
}

}  // namespace tidemark::rdb_check
