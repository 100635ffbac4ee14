#include "tools/rdb_check/finding_text.h"

#include <fmt/format.h>

#include "rdb/codec/types.h"

namespace tidemark::rdb_check {

namespace {

using tools::Level;

Level level_of(rdb::Severity severity) {
    switch (severity) {
        case rdb::Severity::kError:
            return Level::kError;
        case rdb::Severity::kWarning:
            return Level::kWarning;
        case rdb::Severity::kInfo:
            break;
    }
    return Level::kInfo;
}

std::string_view server_text(rdb::ServerDoes server) {
    switch (server) {
        case rdb::ServerDoes::kLoads:
            return "loads it";
        case rdb::ServerDoes::kSkipsKey:
            return "skips the key";
        case rdb::ServerDoes::kRefuses:
            return "refuses the file";
        case rdb::ServerDoes::kAborts:
            return "aborts on it";
        case rdb::ServerDoes::kLoadsUnseen:
            return "loads it without looking and may abort later (with sanitize-dump-payload yes: "
                   "refuses the file)";
    }
    return {};
}

bool is_unjudged(rdb::FindingCode code) {
    return code == rdb::FindingCode::kVersionUnknown || code == rdb::FindingCode::kUnsupported;
}

}  // namespace

void FindingOutput::show(const rdb::Finding& finding) {
    const rdb::FindingRow& row = row_of(finding.code);
    tools::FindingView view;
    view.code = row.name;
    view.level = level_of(row.severity);
    view.begin = base_ + finding.begin;
    view.end = base_ + finding.end;
    view.db = finding.db;
    if (finding.has_key) view.key = finding.key;
    std::string type;
    if (finding.type) {
        if (const rdb::TypeRow* of = rdb::find_type(dialect_, *finding.type)) {
            type = fmt::format("{} ({})", of->kind, of->encoding);
        }
    }
    view.type = type;
    view.element = finding.element;
    view.what = finding.what;
    view.server = server_text(finding.server.value_or(row.server));
    view.repair = row.repair;
    view.repairer = row.repairer;
    output_.finding(view);
    if (view.level == Level::kError && is_unjudged(finding.code)) ++unjudged_;
}

}  // namespace tidemark::rdb_check
