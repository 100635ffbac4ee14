#include "rdb/codec/finding.h"

#include <array>

#include "base/assert.h"

namespace tidemark::rdb {

namespace {

using enum FindingCode;
using enum Severity;
using enum ServerDoes;

// What a stock redis-server does: as measured with 7.0.15.
constexpr auto kRows = std::to_array<FindingRow>({
    {kNotAnRdb, "not-an-rdb", kError, kRefuses, "nothing: it is no RDB file"},
    {kVersionUnknown, "version-unknown", kError, kRefuses, "nothing: its version is not known"},
    {kTruncated, "truncated", kError, kRefuses, "cuts behind the last whole key and ends the file"},
    {kUnknownOpcode, "unknown-opcode", kError, kRefuses, "leaves out what cannot be read",
     "salvage"},
    {kUnknownType, "unknown-type", kError, kRefuses, "leaves out what cannot be read", "salvage"},
    {kUnsupported, "unsupported", kError, kRefuses, "nothing: it cannot be judged"},
    {kChecksumMismatch, "checksum-mismatch", kError, kRefuses, "computes the checksum again"},
    {kChecksumAbsent, "checksum-absent", kWarning, kLoads, "computes the checksum"},
    {kTrailingBytes, "trailing-bytes", kWarning, kLoads, "cuts them"},
    {kSealMismatch, "seal-mismatch", kError, kLoads, "seals anew what can be read"},
    {kIndexMismatch, "index-mismatch", kWarning, kLoads, "writes the index anew"},
    {kDbOutOfRange, "db-out-of-range", kError, kRefuses, "puts its keys aside", "salvage"},
    {kDuplicateKey, "duplicate-key", kError, kAborts, "keeps the first"},
    {kDanglingAttribute, "dangling-attribute", kWarning, kLoads, "leaves it out"},
    {kCountHint, "count-hint", kWarning, kLoads, "counts anew"},
    {kBadLength, "bad-length", kError, kRefuses, "drops the key", "salvage"},
    {kBadString, "bad-string", kError, kRefuses, "drops the key", "salvage"},
    {kBadEncoding, "bad-encoding", kError, kRefuses, "drops the key", "salvage"},
    {kBadScore, "bad-score", kError, kRefuses, "drops the key", "salvage"},
    {kBadExpiry, "bad-expiry", kError, kRefuses, "drops the key", "salvage"},
    {kBadOrder, "bad-order", kError, kRefuses, "drops the key", "salvage"},
    {kDuplicateElement, "duplicate-element", kError, kRefuses, "drops the key", "salvage"},
    {kEmptyAggregate, "empty-aggregate", kWarning, kSkipsKey, "drops the key"},
    {kStreamInconsistent, "stream-inconsistent", kError, kRefuses, "drops the key", "salvage"},
    {kStreamRepairable, "stream-repairable", kWarning, kLoads, "sets it from the entries"},
    {kNonCanonical, "non-canonical", kWarning, kLoads, "keeps it as it is"},
    {kExpiredKey, "expired-key", kWarning, kLoads, "keeps the key"},
    {kTypeNewerThanVersion, "type-newer-than-version", kWarning, kLoads, "keeps the key"},
    {kUnknownAux, "unknown-aux", kInfo, kLoads, "keeps it"},
    {kModuleOpaque, "module-opaque", kInfo, kRefuses, "copies it as it is"},
    {kHyperLogLog, "hyperloglog", kWarning, kLoads, "keeps the key"},
    {kScoreOrder, "score-order", kWarning, kLoads, "keeps the key"},
    {kZipmapCount, "zipmap-count", kWarning, kRefuses, "writes the hash in a newer form"},
    {kNanScore, "nan-score", kError, kRefuses, "sets it to 0"},
    {kEmptyPacked, "empty-packed", kError, kRefuses, "drops the key"},
    {kHintTooLarge, "hint-too-large", kError, kAborts, "counts anew"},
    {kBadFunction, "bad-function", kError, kRefuses, "leaves the library out", "salvage"},
});

constexpr bool rows_are_in_order() {
    for (size_t i = 0; i < kRows.size(); ++i) {
        if (static_cast<size_t>(kRows[i].code) != i) return false;
    }
    return true;
}
static_assert(rows_are_in_order(), "a code is the index of its row");

}  // namespace

const FindingRow& row_of(FindingCode code) {
    TM_ASSERT(static_cast<size_t>(code) < kRows.size());
    return kRows[static_cast<size_t>(code)];
}

}  // namespace tidemark::rdb
