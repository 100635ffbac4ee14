#include "tools/aof_check/chain_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

using tools::format_bytes;
using tools::format_count;

std::string_view word_of(aof::Ending ending) {
    switch (ending) {
        case aof::Ending::kClean:
            return "clean";
        case aof::Ending::kFill:
            return "window";
        case aof::Ending::kForeign:
            return "foreign-records";
        case aof::Ending::kTorn:
            return "torn-group";
        case aof::Ending::kTruncated:
            return "torn-record";
        case aof::Ending::kOpenMulti:
            return "open-transaction";
        case aof::Ending::kDamaged:
            return "seal-damage";
        case aof::Ending::kMalformed:
            return "malformed";
    }
    return "";
}

std::string_view word_of(Fate fate) {
    switch (fate) {
        case Fate::kKept:
            return "kept";
        case Fate::kCut:
            return "cut";
        case Fate::kRefused:
            return "refused";
    }
    return "";
}

std::string line_of(const ChainFile& file, const FileCheck& check) {
    std::string line = fmt::format("  {:<9} {:<34} ", name_of(file.role), tools::escape(file.name));
    if (!file.is_there) return line + "missing";
    line += fmt::format("{:>10}", format_bytes(file.size));
    const FileFacts& facts = check.facts;
    if (check.preamble.end > 0)
        line += fmt::format("  {}", format_count(check.preamble.keys, "key"));
    if (facts.records > 0 || check.preamble.end == 0)
        line += fmt::format("  {}", format_count(facts.records, "record"));
    if (facts.transactions > 0)
        line += fmt::format(", {}", format_count(facts.transactions, "transaction"));
    if (facts.is_sealed) line += fmt::format("  sealed ({})", format_count(facts.pieces, "piece"));
    if (facts.first_time)
        line += fmt::format("  {} to {}", format_time(*facts.first_time),
                            format_time(*facts.last_time));
    return line;
}

template <class Writer>
void write_file(Writer& json, const ChainFile& file, const FileCheck& check) {
    const auto number = [&](std::string_view name, uint64_t value) {
        tools::json_key(json, name);
        json.Uint64(value);
    };
    const auto text = [&](std::string_view name, std::string_view value) {
        tools::json_key(json, name);
        tools::json_string(json, value);
    };
    json.StartObject();
    text("role", name_of(file.role));
    tools::json_bytes(json, "name", file.name);
    number("seq", file.seq);
    json.Key("is_there");
    json.Bool(file.is_there);
    number("bytes", file.size);
    if (file.is_there) {
        number("rdb_bytes", check.preamble.end);
        number("rdb_keys", check.preamble.keys);
        number("records", check.facts.records);
        number("transactions", check.facts.transactions);
        json.Key("sealed");
        json.Bool(check.facts.is_sealed);
        number("pieces", check.facts.pieces);
        number("window_bytes", check.facts.fill_bytes);
        number("keep_bytes", check.facts.ending.keep);
        text("ending", word_of(check.facts.ending.ending));
        text("server", word_of(check.fate));
        number("readable_records_behind", check.readable_behind);
        if (check.facts.first_time) {
            json.Key("first_time");
            json.Int64(*check.facts.first_time);
            json.Key("last_time");
            json.Int64(*check.facts.last_time);
        }
    }
    json.EndObject();
}

}  // namespace

std::string format_time(int64_t unix_seconds) {
    const auto seconds = static_cast<time_t>(unix_seconds);
    struct tm parts {};
    if (gmtime_r(&seconds, &parts) == nullptr) return std::to_string(unix_seconds);
    return fmt::format("{:%Y-%m-%d %H:%M:%S}", parts);
}

void report_chain(const Chain& chain, const ChainCheck& check, tools::Output& output) {
    for (const Finding& finding : check.findings) report(output, finding);
    for (size_t i = 0; i < chain.files.size(); ++i)
        output.line(line_of(chain.files[i], check.files[i]));
    output.json("chain", [&](tools::JsonFile& json) {
        json.StartArray();
        for (size_t i = 0; i < chain.files.size(); ++i)
            write_file(json, chain.files[i], check.files[i]);
        json.EndArray();
    });
    output.json("summary", [&](tools::JsonFile& json) {
        json.StartObject();
        json.Key("files");
        json.Uint64(chain.files.size());
        json.Key("records");
        json.Uint64(check.records());
        json.Key("rdb_keys");
        json.Uint64(check.rdb_keys());
        json.Key("server_starts");
        json.Bool(!check.is_refused());
        json.Key("bytes_cut");
        json.Uint64(check.bytes_cut(chain));
        json.EndObject();
    });
}

std::string summary_of(const Chain& chain, const ChainCheck& check) {
    std::string text = fmt::format("{}, {}", format_count(chain.files.size(), "file"),
                                   format_count(check.records(), "record"));
    if (check.rdb_keys() > 0)
        text += fmt::format(", {} in RDB form", format_count(check.rdb_keys(), "key"));
    return text;
}

std::string_view what_is_left_of_base(const FileCheck& base) {
    return base.is_damaged_dump() ? "what can be read of its dump, and what comes behind it"
                                  : "what the other files hold";
}

std::string first_trouble(const ChainCheck& check) {
    for (const Finding& finding : check.findings) {
        if (row_of(finding.code).level != tools::Level::kError) continue;
        std::string text = tools::escape(finding.file);
        if (finding.begin > 0 || finding.end > 0) text += fmt::format(" at byte {}", finding.begin);
        return fmt::format("{}: {}", text, finding.what);
    }
    return {};
}

}  // namespace tidemark::aof_check
