#include "tools/rdb_check/diagnosis.h"

namespace tidemark::rdb_check {

namespace {

bool is_taken_away(rdb::FindingCode code) {
    using enum rdb::FindingCode;
    switch (code) {
        case kChecksumMismatch:
        case kChecksumAbsent:
        case kTrailingBytes:
        case kSealMismatch:
        case kIndexMismatch:
        case kDbOutOfRange:
        case kDuplicateKey:
        case kDanglingAttribute:
        case kCountHint:
        case kHintTooLarge:
        case kEmptyAggregate:
        case kEmptyPacked:
        case kStreamRepairable:
        case kTruncated:
        case kZipmapCount:
        case kNanScore:
            return true;
        default:
            return false;
    }
}

uint64_t damage_of(const CheckSummary& summary) {
    return summary.counts.lost_bytes + summary.counts.bad_records() + (summary.is_whole ? 0 : 1) +
           summary.missing_keys + summary.unfit.size();
}

}  // namespace

Result<Diagnosis> diagnose(rdb::Input& input, const DumpHead& head, const CheckSettings& settings,
                           Restore restore, const tools::StopFlag& stop,
                           const CheckRun::OnFinding& on_finding,
                           const CheckRun::OnProgress& on_progress) {
    Diagnosis diagnosis;
    CheckRun run(
        input, head, settings, stop,
        [&](const rdb::Finding& finding) {
            on_finding(finding);
            if (is_taken_away(finding.code)) ++diagnosis.repairable;
        },
        on_progress);
    diagnosis.summary = TM_TRY(run.run());
    diagnosis.input = std::make_unique<MendedInput>(input);
    if (restore == Restore::kNothing || diagnosis.summary.changed.empty()) return diagnosis;
    uint64_t restored = 0;
    for (const ChangedBytes& change : diagnosis.summary.changed) {
        diagnosis.input->mend(change);
        restored += change.count;
    }
    CheckRun again(
        *diagnosis.input, head, settings, stop, [](const rdb::Finding&) {}, on_progress);
    CheckSummary summary = TM_TRY(again.run());
    // Believed unless the dump is in worse order with it.
    if (damage_of(summary) > damage_of(diagnosis.summary)) {
        diagnosis.input->forget();
        return diagnosis;
    }
    diagnosis.summary = std::move(summary);
    diagnosis.restored = restored;
    return diagnosis;
}

}  // namespace tidemark::rdb_check
