#include "aof/codec/manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"
#include "base/quoted_words.h"

namespace tidemark::aof {

namespace {

struct ParsedLine {
    ManifestEntry entry;
    char type = 0;
};

// The text of the problem, or empty.
std::string parse_words(const std::vector<std::string>& words, ParsedLine& out) {
    if (words.size() < 6 || words.size() % 2 != 0) {
        return fmt::format("{} words where an even count of at least 6 belongs", words.size());
    }
    for (size_t i = 0; i < words.size(); i += 2) {
        const std::string& value = words[i + 1];
        // For Redis the word ends there, and may be one of the three.
        if (words[i].find('\0') != std::string::npos) return "a NUL in a word";
        if (same_word(words[i], "file")) {
            out.entry.file = value;
        } else if (same_word(words[i], "seq")) {
            out.entry.seq = parse_uint64(value).value_or(0);
        } else if (same_word(words[i], "type")) {
            out.type = value.size() == 1 ? value[0] : '?';
        } else {
            out.entry.extra.emplace_back(words[i], value);
        }
    }
    if (out.entry.file.empty()) return "no file name";
    if (out.entry.file.find('\0') != std::string::npos) return "a NUL in the file's name";
    const bool is_path = out.entry.file.find_first_of("/\\") != std::string::npos;
    if (is_path || out.entry.file == "." || out.entry.file == "..") {
        return fmt::format("file '{}' is a path, not a bare name", out.entry.file);
    }
    if (out.entry.seq == 0) return "seq is missing, zero or not a number";
    return {};
}

bool is_named(const Manifest& manifest, std::string_view file) {
    const auto same = [&](const ManifestEntry& entry) { return entry.file == file; };
    return (manifest.base && same(*manifest.base)) ||
           std::any_of(manifest.increments.begin(), manifest.increments.end(), same);
}

// Adds the entry, or says what speaks against it.
std::string place_entry(ParsedLine line, Manifest& manifest) {
    if (line.type != 'b' && line.type != 'h' && line.type != 'i') return "unknown file type";
    if (line.type == 'h') {
        manifest.history.push_back(std::move(line.entry));
        return {};
    }
    if (is_named(manifest, line.entry.file)) {
        return fmt::format("file '{}' is named twice", line.entry.file);
    }
    if (line.type == 'b') {
        if (manifest.base) return "a second base";
        manifest.base = std::move(line.entry);
        return {};
    }
    if (!manifest.increments.empty() && line.entry.seq <= manifest.increments.back().seq) {
        return fmt::format("seq {} of an increment does not rise", line.entry.seq);
    }
    manifest.increments.push_back(std::move(line.entry));
    return {};
}

void format_entry(std::string& out, const ManifestEntry& entry, char type) {
    out += fmt::format("file {} seq {} type {}", quote_word(entry.file), entry.seq, type);
    for (const auto& [key, value] : entry.extra) {
        out += fmt::format(" {} {}", quote_word(key), quote_word(value));
    }
    out.push_back('\n');
}

std::string parse_line(std::string_view line, Manifest& manifest, std::string_view own_name) {
    const auto words = split_words(line);
    if (!words) return "quotes out of balance";
    if (words->empty()) return "blank line";
    ParsedLine parsed;
    std::string problem = parse_words(*words, parsed);
    if (!problem.empty()) return problem;
    if (parsed.entry.file == own_name) return "names the manifest itself";
    // Quoting makes bytes longer: what could not be written back in a line is not taken.
    std::string written;
    format_entry(written, parsed.entry, parsed.type);
    if (written.size() > kManifestLineMax) return "too long to be written again";
    return place_entry(std::move(parsed), manifest);
}

}  // namespace

std::optional<std::string_view> ManifestEntry::find(std::string_view key) const {
    for (const auto& [name, value] : extra) {
        if (same_word(name, key)) return value;
    }
    return std::nullopt;
}

void ManifestEntry::set(std::string_view key, std::string value) {
    for (auto& [name, old] : extra) {
        if (same_word(name, key)) {
            old = std::move(value);
            return;
        }
    }
    extra.emplace_back(key, std::move(value));
}

uint64_t Manifest::next_increment_seq() const {
    return increments.empty() ? 1 : increments.back().seq + 1;
}

Manifest parse_manifest(std::string_view text, std::vector<ManifestProblem>& problems,
                        std::string_view own_name) {
    Manifest manifest;
    size_t number = 0;
    while (!text.empty()) {
        ++number;
        const size_t end = text.find('\n');
        if (end == std::string_view::npos || end + 1 > kManifestLineMax) {
            problems.push_back({number, end == std::string_view::npos
                                            ? "no newline at the end of the line"
                                            : "longer than 1024 bytes"});
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
            continue;
        }
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (!line.empty() && line[0] == '#') continue;
        std::string problem = parse_line(line, manifest, own_name);
        if (!problem.empty()) problems.push_back({number, std::move(problem)});
    }
    if (problems.empty() && manifest.empty()) problems.push_back({1, "names no file"});
    return manifest;
}

Result<Manifest> parse_manifest(std::string_view text, std::string_view own_name) {
    std::vector<ManifestProblem> problems;
    Manifest manifest = parse_manifest(text, problems, own_name);
    if (!problems.empty()) {
        return fail(ErrorCode::kCorrupt,
                    fmt::format("line {}: {}", problems[0].line, problems[0].what));
    }
    return manifest;
}

std::string format_manifest(const Manifest& manifest) {
    std::string out;
    if (manifest.base) format_entry(out, *manifest.base, 'b');
    for (const ManifestEntry& entry : manifest.history) format_entry(out, entry, 'h');
    for (const ManifestEntry& entry : manifest.increments) format_entry(out, entry, 'i');
    return out;
}

std::string increment_name(std::string_view appendfilename, uint64_t seq) {
    return fmt::format("{}.{}.incr.aof", appendfilename, seq);
}

std::string base_name(std::string_view appendfilename, uint64_t seq) {
    return fmt::format("{}.{}.base.aof", appendfilename, seq);
}

std::optional<LogFileName> parse_log_file_name(std::string_view name,
                                               std::string_view appendfilename) {
    if (name.substr(0, appendfilename.size()) != appendfilename) return std::nullopt;
    name.remove_prefix(appendfilename.size());
    if (name.empty() || name[0] != '.') return std::nullopt;
    name.remove_prefix(1);
    const size_t dot = name.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto seq = parse_uint64(name.substr(0, dot));
    if (!seq) return std::nullopt;
    const std::string_view suffix = name.substr(dot);
    if (suffix == ".base.aof" || suffix == ".base.rdb") return LogFileName{*seq, true};
    if (suffix == ".incr.aof") return LogFileName{*seq, false};
    return std::nullopt;
}

bool is_log_file_name(std::string_view name, std::string_view appendfilename) {
    return parse_log_file_name(name, appendfilename).has_value();
}

}  // namespace tidemark::aof
