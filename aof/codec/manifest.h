// The manifest of a multi-part log: which files count, and in which order they are read.
//
//   file appendonly.aof.1.base.rdb seq 1 type b
//   file appendonly.aof.1.incr.aof seq 1 type i
//
// One entry a line, words in pairs, names quoted where they need it; a line whose first character
// is `#` is a comment. Pairs that we do not know are kept and written back, as Redis ignores ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidemark::aof {

// Redis reads lines into a buffer of this size, newline included.
inline constexpr size_t kManifestLineMax = 1024;
// A manifest holds a handful of lines; past this it is not one.
inline constexpr uint64_t kManifestBytesMax = 16 * 1024 * 1024;

struct ManifestEntry {
    std::string file;  // a bare name
    uint64_t seq = 0;  // never 0
    std::vector<std::pair<std::string, std::string>> extra;

    std::optional<std::string_view> find(std::string_view key) const;
    void set(std::string_view key, std::string value);
};

// Our own pairs.
// `seals 1`: every byte that we write to this file is covered by a seal, from offset 0 on.
inline constexpr std::string_view kSealsKey = "seals";
// `durable_bytes <n>`: only the first n bytes of the file count; the rest met a failed sync and was
// written again in the next increment.
inline constexpr std::string_view kDurableBytesKey = "durable_bytes";

struct Manifest {
    std::optional<ManifestEntry> base;
    std::vector<ManifestEntry> history;     // no longer part of the data, to be deleted
    std::vector<ManifestEntry> increments;  // by rising seq

    uint64_t next_increment_seq() const;
    bool empty() const { return !base && history.empty() && increments.empty(); }
};

struct ManifestProblem {
    size_t line = 0;  // from 1
    std::string what;
};

// Everything that is wrong goes to `problems`; the manifest holds the lines that are fine.
// `own_name`: the manifest's, which no line of it may name.
Manifest parse_manifest(std::string_view text, std::vector<ManifestProblem>& problems,
                        std::string_view own_name = {});
// The first problem as an error that names the line. An empty manifest is an error.
Result<Manifest> parse_manifest(std::string_view text, std::string_view own_name = {});

std::string format_manifest(const Manifest& manifest);

std::string increment_name(std::string_view appendfilename, uint64_t seq);
std::string base_name(std::string_view appendfilename, uint64_t seq);
// True for a name that is, or was, part of this log: `<appendfilename>.<seq>.base.*` or `.incr.*`.
bool is_log_file_name(std::string_view name, std::string_view appendfilename);
// What such a name says.
struct LogFileName {
    uint64_t seq = 0;
    bool is_base = false;
};
std::optional<LogFileName> parse_log_file_name(std::string_view name,
                                               std::string_view appendfilename);

}  // namespace tidemark::aof
