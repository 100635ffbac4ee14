// What is wrong with a dump, said in a way that a program can act upon.
//
// Every code is a row of the table in finding.cc: its name, how bad it is, what a stock server does
// on it and what a repair would do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::rdb {

enum class Severity : uint8_t { kInfo, kWarning, kError };

// What a stock redis-server makes of it.
enum class ServerDoes : uint8_t {
    kLoads,
    kSkipsKey,
    kRefuses,
    kAborts,
    // It does not look there, unless sanitize-dump-payload is yes: then it refuses.
    kLoadsUnseen,
};

// Appended to, never renumbered; the name is what --json prints.
enum class FindingCode : uint8_t {
    // The file
    kNotAnRdb,
    kVersionUnknown,
    kTruncated,
    kUnknownOpcode,
    kUnknownType,
    kUnsupported,
    kChecksumMismatch,
    kChecksumAbsent,
    kTrailingBytes,
    kSealMismatch,
    kIndexMismatch,
    kDbOutOfRange,
    kDuplicateKey,
    kDanglingAttribute,
    kCountHint,
    // Values
    kBadLength,
    kBadString,
    kBadEncoding,
    kBadScore,
    kBadExpiry,
    kBadOrder,
    kDuplicateElement,
    kEmptyAggregate,
    kStreamInconsistent,
    kStreamRepairable,
    kNonCanonical,
    kExpiredKey,
    kTypeNewerThanVersion,
    kUnknownAux,
    kModuleOpaque,
    kHyperLogLog,
    kScoreOrder,
    kZipmapCount,
    kNanScore,
    kEmptyPacked,
    kHintTooLarge,
    kBadFunction,
};

struct FindingRow {
    FindingCode code;
    std::string_view name;  // "duplicate-key"
    Severity severity;
    ServerDoes server;                  // in most places; a finding may say otherwise
    std::string_view repair;            // "keeps the first", or "drops the key"
    std::string_view repairer = "fix";  // the mode of rdb-check that does it
};

const FindingRow& row_of(FindingCode code);

struct Finding {
    FindingCode code;
    uint64_t begin = 0;  // bytes [begin, end) of the file; end == begin: the place only
    uint64_t end = 0;
    std::optional<uint64_t> db;
    std::string key;  // empty: no key is concerned (or one without a name: has_key)
    bool has_key = false;
    std::optional<uint8_t> type;       // number in the file
    std::optional<uint64_t> element;   // index, from 0
    std::string what;                  // a sentence for a person, without a final full stop
    std::optional<ServerDoes> server;  // where it is not what the code's row says
};

}  // namespace tidemark::rdb
