// Rows of comma-separated values (RFC 4180, LF), an element a row:
//
//   db,key,type,expire_at_ms,index,field,value,score,field_expire_at_ms
//   0,"user:1",hash,,,"name","Ada",,
//   0,"jobs",list,,0,,"first",,
//
// index: an element's place in its list, or a stream entry's ID. Keys, fields and values are always
// quoted. In them a quote is two, a backslash is \\ and bytes that are no text (controls, and all
// above 0x7e in what is no UTF-8) are \xHH: a row is one line.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/number.h"
#include "tools/common/text.h"
#include "tools/rdb_check/exporter.h"
#include "tools/rdb_check/filter.h"

namespace tidemark::rdb_check {

namespace {

enum class HighBytes : uint8_t { kKeep, kEscape };

void append_escaped(std::string& to, std::string_view bytes, HighBytes high) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"') {
            to += "\"\"";
        } else if (c == '\\') {
            to += "\\\\";
        } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && high == HighBytes::kEscape)) {
            to += fmt::format("\\x{:02x}", byte);
        } else {
            to += c;
        }
    }
}

std::string quoted(std::string_view bytes) {
    std::string text = "\"";
    append_escaped(text, bytes, tools::is_utf8(bytes) ? HighBytes::kKeep : HighBytes::kEscape);
    return text + '"';
}

class CsvExporter final : public Exporter {
public:
    explicit CsvExporter(OutBuffer& out) : out_(out) {}

    void begin() override {
        out_.append("db,key,type,expire_at_ms,index,field,value,score,field_expire_at_ms\n");
    }
    Status function(std::string_view) override {
        ++left_out_.libraries;
        return {};
    }
    Status begin_key(const rdb::KeyRecord& key) override {
        head_ = fmt::format("{},{},{},", key.db, quoted(key.name), type_name(*key.type));
        if (key.expire_at_ms) head_ += fmt::format("{}", *key.expire_at_ms);
        head_ += ',';
        index_ = 0;
        is_list_ = false;
        in_field_ = false;
        has_fields_ = false;
        ignores_ = false;
        entry_.clear();
        return {};
    }

    Status long_string(uint64_t) override {
        if (ignores_) return {};
        begin_text();
        out_.append('"');
        is_long_ = true;
        return out_.status();
    }
    Status part(std::string_view bytes) override {
        if (ignores_) return {};
        escaped_.clear();
        append_escaped(escaped_, bytes, HighBytes::kEscape);
        out_.append(escaped_);
        return out_.status();
    }

    Status string(std::string_view value) override { return row(value, ",,"); }
    Status begin_list(uint64_t) override {
        is_list_ = true;
        return {};
    }
    Status element(std::string_view value) override { return row(value, ",,"); }
    Status member(std::string_view value) override { return row(value, ",,"); }
    Status scored(std::string_view value, double score) override {
        return row(value, fmt::format(",{},", format_double(score)));
    }
    Status begin_hash(uint64_t) override {
        has_fields_ = true;
        return {};
    }
    Status field(std::string_view name) override {
        text(name);
        out_.append(',');
        in_field_ = true;
        return out_.status();
    }
    Status field_value(std::string_view value, std::optional<int64_t> expire_at_ms) override {
        return row(value, expire_at_ms ? fmt::format(",,{}", *expire_at_ms) : ",,");
    }
    Status begin_stream(uint64_t) override { return begin_hash(0); }
    Status stream_entry(rdb::StreamId id, uint64_t) override {
        entry_ = fmt::format("{}-{}", id.ms, id.seq);
        return {};
    }
    Status stream_field(std::string_view name) override { return field(name); }
    Status stream_value(std::string_view value) override { return row(value, ",,"); }
    Status stream_state(const rdb::StreamState&) override {
        ignores_ = true;  // groups have no rows
        return {};
    }
    Status stream_group(const rdb::StreamGroup&) override {
        ++left_out_.groups;
        return {};
    }
    Status module_value(std::string_view, uint64_t, uint64_t) override {
        ++left_out_.module_values;
        return {};
    }

private:
    // Everything in front of the text that comes: the row's beginning, or nothing in its middle.
    void begin_text() {
        if (is_long_ || in_field_) return;
        out_.append(head_);
        if (is_list_) out_.append(fmt::format("{}", index_++));
        out_.append(entry_);
        out_.append(has_fields_ ? "," : ",,");
    }
    void text(std::string_view value) {
        begin_text();
        if (!std::exchange(is_long_, false)) {
            out_.append(quoted(value));
            return;
        }
        escaped_.clear();
        append_escaped(escaped_, value, HighBytes::kEscape);
        out_.append(escaped_);
        out_.append('"');
    }
    Status row(std::string_view value, std::string_view rest) {
        text(value);
        in_field_ = false;
        out_.append(rest);
        out_.append('\n');
        return out_.status();
    }

    OutBuffer& out_;
    std::string head_;   // of the key's rows
    std::string entry_;  // ID
    std::string escaped_;
    uint64_t index_ = 0;
    bool is_list_ = false;
    bool has_fields_ = false;
    bool in_field_ = false;  // a row is open, its field is out
    bool is_long_ = false;
    bool ignores_ = false;
};

}  // namespace

std::unique_ptr<Exporter> make_csv_exporter(OutBuffer& out) {
    return std::make_unique<CsvExporter>(out);
}

}  // namespace tidemark::rdb_check
