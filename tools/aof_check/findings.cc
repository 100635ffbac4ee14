#include "tools/aof_check/findings.h"

#include <array>

#include "base/assert.h"

namespace tidemark::aof_check {

namespace {

using tools::Level;

constexpr std::string_view kStarts = "starts all the same";
constexpr std::string_view kRefuses = "refuses to start";
constexpr std::string_view kCuts = "cuts it off and starts";

constexpr auto kRows = std::to_array<CodeRow>({
    // Redis starts with no data at all on this one; ours refuses.
    {Code::kNoManifest, "no-manifest", Level::kError, "would start empty, ours refuses",
     "needs a manifest first: aof-check rebuild-manifest"},
    {Code::kManifestLine, "manifest-line", Level::kError, kRefuses, "mends the line"},
    {Code::kFileMissing, "file-missing", Level::kError, kRefuses,
     "keeps what comes before it; salvage also what comes after"},
    {Code::kAdoptionOpen, "adoption-open", Level::kInfo, "finishes the move and starts", ""},
    {Code::kOrphan, "orphan", Level::kInfo, kStarts, ""},
    {Code::kTemporaryFile, "temporary-file", Level::kInfo, kStarts, ""},
    {Code::kCutOff, "cut-off", Level::kInfo, kStarts, ""},
    {Code::kLostAndFound, "lost-and-found", Level::kInfo, kStarts, ""},
    {Code::kHistoryPresent, "history", Level::kInfo, "deletes it", ""},
    {Code::kNothingBehind, "empty-log", Level::kWarning, kStarts, ""},
    // Redis takes an empty one for a log without commands.
    {Code::kBaseNotRdb, "base-not-rdb", Level::kError, kRefuses,
     "renames it if it is a log, else cannot help; salvage keeps the increments"},
    {Code::kBaseDamaged, "base-damaged", Level::kError, kRefuses,
     "cannot help; salvage keeps what can be read of it, and what comes behind"},
    {Code::kBaseUnknown, "base-unknown", Level::kWarning,
     "refuses it or not, depending on its version and modules", "leaves it"},
    {Code::kDurableBytes, "durable-bytes", Level::kError, kRefuses, "keeps what is there"},
    {Code::kTornGroup, "torn-group", Level::kError, kCuts,
     "cuts it off: nobody was told it was safe"},
    {Code::kTornRecord, "torn-record", Level::kError, kCuts, "cuts it off"},
    {Code::kOpenTransaction, "open-transaction", Level::kError, kCuts, "cuts it off"},
    {Code::kNotLast, "not-last", Level::kError, kRefuses,
     "cuts here and drops the later files; salvage keeps them"},
    {Code::kSealDamage, "seal-damage", Level::kError, kRefuses,
     "cuts here; salvage goes on at the next seal"},
    {Code::kBadRecord, "bad-record", Level::kError, kRefuses,
     "cuts here; salvage goes on at the next record"},
    // Of arity and SELECT Redis looks at neither when it loads.
    {Code::kRefusedRecord, "refused-record", Level::kError, "refuses to start or loads it wrongly",
     "cuts here; salvage leaves that record out"},
    {Code::kWindow, "window", Level::kInfo, kStarts, ""},
    {Code::kForeignRecords, "foreign-records", Level::kInfo, kStarts, ""},
    {Code::kTimeGoesBack, "time-goes-back", Level::kWarning, kStarts, "leaves it"},
    {Code::kMoreDamage, "more-damage", Level::kError, kRefuses,
     "has cut before it; salvage keeps what lies between"},
});

}  // namespace

const CodeRow& row_of(Code code) {
    const CodeRow& row = kRows[static_cast<size_t>(code)];
    TM_ASSERT(row.code == code);
    return row;
}

void report(tools::Output& output, const Finding& finding) {
    const CodeRow& row = row_of(finding.code);
    tools::FindingView view;
    view.code = row.name;
    view.level = row.level;
    view.file = finding.file;
    view.begin = finding.begin;
    view.end = finding.end;
    view.what = finding.what;
    view.server = row.server;
    view.repair = row.repair;
    output.finding(view);
}

}  // namespace tidemark::aof_check
