#include "tools/common/output.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>

#include "base/assert.h"
#include "tools/common/print.h"

namespace tidemark::tools {

struct Output::Json {
    explicit Json(FILE* to) : stream(to, buffer.data(), buffer.size()), writer(stream) {}

    std::array<char, 64 * 1024> buffer;
    rapidjson::FileWriteStream stream;
    JsonFile writer;
};

namespace {

std::string_view name_of(Level level) {
    switch (level) {
        case Level::kInfo:
            return "info";
        case Level::kWarning:
            return "warning";
        case Level::kError:
            return "error";
    }
    return "";
}

std::string place_of(const FindingView& finding) {
    std::string text = finding.file.empty() ? "" : fmt::format("{}: ", escape(finding.file));
    if (finding.end > finding.begin + 1) {
        return text + fmt::format("bytes {} to {}", format_offset(finding.begin),
                                  format_offset(finding.end - 1));
    }
    return text + fmt::format("byte {}", format_offset(finding.begin));
}

std::string whose(const FindingView& finding) {
    std::string text;
    if (finding.key) {
        text += fmt::format(", key \"{}\"", escape_short(*finding.key));
        if (finding.db) text += fmt::format(" of db {}", *finding.db);
    } else if (finding.db) {
        text += fmt::format(", db {}", *finding.db);
    }
    if (!finding.type.empty()) text += fmt::format(", {}", finding.type);
    if (finding.element) text += fmt::format(", element {}", *finding.element);
    return text;
}

template <class Writer>
void json_member(Writer& json, std::string_view name, std::string_view text) {
    json_key(json, name);
    json_string(json, text);
}

}  // namespace

Output::Output(FILE* to, Format format, std::string_view schema)
    : to_(to), format_(format), schema_(schema) {}

Output::~Output() = default;

void Output::finding(const FindingView& finding) {
    TM_ASSERT(!findings_ended_);
    uint64_t& count = finding.level == Level::kError     ? counts_.errors
                      : finding.level == Level::kWarning ? counts_.warnings
                                                         : counts_.infos;
    ++count;
    if (format_ == Format::kText) write_text(finding);
    if (is_json()) write_json(finding);
}

void Output::write_text(const FindingView& finding) {
    auto shown = shown_.find(finding.code);
    if (shown == shown_.end()) shown = shown_.emplace(std::string(finding.code), 0).first;
    if (++shown->second > kTextFindingsPerCode) return;
    print(to_, "{}: {}: {}{}: {}\n", name_of(finding.level), finding.code, place_of(finding),
          whose(finding), finding.what);
    if (finding.server.empty() && finding.repair.empty()) return;
    print(to_, "    ");
    if (!finding.server.empty()) print(to_, "a Redis server {}", finding.server);
    if (!finding.repair.empty()) {
        print(to_, "{}{} {}", finding.server.empty() ? "" : "; ", finding.repairer, finding.repair);
    }
    print(to_, "\n");
}

Output::Json& Output::json_out() {
    if (!json_) json_ = std::make_unique<Json>(to_);
    return *json_;
}

// The document, up to its findings.
void Output::begin_json() {
    if (is_json_begun_) return;
    is_json_begun_ = true;
    JsonFile& json = json_out().writer;
    json.StartObject();
    json_member(json, "schema", schema_);
    json_bytes(json, "file", file_);
    if (format_ == Format::kNdjson) return;
    json.Key("findings");
    json.StartArray();
}

// Of a document that is ended.
void Output::end_line() {
    json_->stream.Put('\n');
    json_->stream.Flush();
    fflush(to_);  // whoever reads a stream is waiting for it
    json_->writer.Reset(json_->stream);
}

void Output::write_json(const FindingView& finding) {
    if (format_ == Format::kJson) begin_json();
    JsonFile& json = json_out().writer;
    json.StartObject();
    json_member(json, "code", finding.code);
    json_member(json, "severity", name_of(finding.level));
    if (!finding.file.empty()) json_bytes(json, "file", finding.file);
    json.Key("begin");
    json.Uint64(finding.begin);
    json.Key("end");
    json.Uint64(finding.end);
    json_member(json, "begin_hex", fmt::format("0x{:x}", finding.begin));
    json_member(json, "end_hex", fmt::format("0x{:x}", finding.end));
    if (finding.db) {
        json.Key("db");
        json.Uint64(*finding.db);
    }
    if (finding.key) {
        json_member(json, "key", escape(*finding.key));
        json_member(json, "key_b64", base64(*finding.key));
    }
    if (!finding.type.empty()) json_member(json, "type", finding.type);
    if (finding.element) {
        json.Key("element");
        json.Uint64(*finding.element);
    }
    json_member(json, "what", finding.what);
    if (!finding.server.empty()) json_member(json, "server", finding.server);
    if (!finding.repair.empty()) json_member(json, finding.repairer, finding.repair);
    json.EndObject();
    if (format_ == Format::kNdjson) end_line();
}

void Output::write_rests() {
    for (const auto& [code, count] : shown_) {
        if (count <= kTextFindingsPerCode) continue;
        print(to_, "and {} more of {}; --json lists them all\n", count - kTextFindingsPerCode,
              code);
    }
}

void Output::end_findings() {
    if (findings_ended_) return;
    findings_ended_ = true;
    if (format_ == Format::kText) write_rests();
    if (!is_json()) return;
    begin_json();
    if (format_ == Format::kJson) json_->writer.EndArray();
}

void Output::line(std::string_view text) {
    if (format_ == Format::kText) print(to_, "{}\n", text);
}

void Output::json(std::string_view name, const std::function<void(JsonFile&)>& write) {
    if (!is_json()) return;
    end_findings();
    json_key(json_->writer, name);
    write(json_->writer);
}

void Output::json_text(std::string_view name, const std::function<void(FILE*)>& write) {
    json(name, [&](JsonFile& json) {
        json.RawValue("", 0, rapidjson::kObjectType);  // the colon
        json_->stream.Flush();
        write(to_);
    });
}

Exit Output::verdict(Exit exit, std::string_view sentence) {
    TM_ASSERT(!ended_);
    end_findings();
    ended_ = true;
    // A stream that failed remembers that, but not why. Where it failed once, this does, too.
    errno = 0;
    if (format_ == Format::kText) {
        print(to_, "{}{}{}\n", escape(file_), file_.empty() ? "" : ": ", sentence);
    }
    if (is_json()) {
        JsonFile& json = json_->writer;
        json_member(json, "verdict", tools::name_of(exit));
        json.Key("exit_code");
        json.Uint(static_cast<unsigned>(exit));
        if (is_utf8(sentence)) {
            json_member(json, "message", sentence);
        } else {
            json_member(json, "message", escape(sentence));
        }
        json.EndObject();
        end_line();
    }
    fflush(to_);
    if (ferror(to_) == 0) return exit;
    write_errno_ = errno;
    return Exit::kIo;
}

}  // namespace tidemark::tools
