// What a mode tells its user: findings as they come, then what it has to say, then one verdict.
//
//   text    findings and lines, the verdict last, on one line
//   json    one document {schema, file, findings[], ..., verdict, exit_code, message}
//   quiet   nothing: the exit code says it
//
// Findings are written when they come, so that their number needs no memory. In text, those past
// kTextFindingsPerCode of one kind are counted only. One thread at a time.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/common/exit_code.h"
#include "tools/common/json.h"

namespace tidemark::tools {

// kNdjson: each finding is a document on a line of its own as soon as it is known, and the last
// line is the document of kJson without them.
enum class Format : uint8_t { kText, kJson, kNdjson, kQuiet };
enum class Level : uint8_t { kInfo, kWarning, kError };

inline constexpr uint64_t kTextFindingsPerCode = 50;

// Of the tool's own finding, what is shown.
struct FindingView {
    std::string_view code;  // "duplicate-key"
    Level level = Level::kError;
    std::string_view file;  // where a mode looks at several
    uint64_t begin = 0;     // bytes [begin, end); equal: the place only
    uint64_t end = 0;
    std::optional<uint64_t> db;
    std::optional<std::string_view> key;
    std::string_view type;
    std::optional<uint64_t> element;
    std::string_view what;              // without a final full stop
    std::string_view server;            // what a server does on it
    std::string_view repair;            // what a mode makes of it,
    std::string_view repairer = "fix";  // and which
};

struct FindingCounts {
    uint64_t errors = 0;
    uint64_t warnings = 0;
    uint64_t infos = 0;
};

class Output {
public:
    // `schema`: "rdb-check.check/1". Does not own `to`.
    Output(FILE* to, Format format, std::string_view schema);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    Format format() const { return format_; }
    // Offsets in findings are offsets in this one. Before the first finding.
    void set_file(std::string_view file) { file_ = file; }

    void finding(const FindingView& finding);
    const FindingCounts& counts() const { return counts_; }

    // A line of text; nothing in the other formats.
    void line(std::string_view text);
    // A member of the JSON document: `write` writes its value. Nothing in the other formats. Ends
    // the findings.
    void json(std::string_view name, const std::function<void(JsonFile&)>& write);
    // The same for a value that is too large to hold: `write` writes its text into the file itself.
    void json_text(std::string_view name, const std::function<void(FILE*)>& write);

    // The last word, once. What is returned is `exit`, or kIo when the output could not be written.
    Exit verdict(Exit exit, std::string_view sentence);
    // Of what could not be written, once the verdict is given; 0: not known.
    int write_errno() const { return write_errno_; }

private:
    struct Json;

    bool is_json() const { return format_ == Format::kJson || format_ == Format::kNdjson; }
    Json& json_out();
    void begin_json();
    void end_line();
    void end_findings();
    void write_text(const FindingView& finding);
    void write_json(const FindingView& finding);
    void write_rests();

    FILE* to_;
    Format format_;
    std::string schema_;
    std::string file_;
    FindingCounts counts_;
    std::map<std::string, uint64_t, std::less<>> shown_;  // in text, by code
    std::unique_ptr<Json> json_;
    bool is_json_begun_ = false;
    bool findings_ended_ = false;
    bool ended_ = false;
    int write_errno_ = 0;
};

}  // namespace tidemark::tools
