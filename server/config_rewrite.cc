#include "server/config_rewrite.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <vector>

#include "base/quoted_words.h"
#include "server/config_file.h"
#include "server/directive.h"

namespace tidemark::server {

namespace {

constexpr std::string_view kAppended = "# Written by CONFIG REWRITE";
// Nobody writes a larger one by hand.
constexpr uint64_t kMaxFileBytes = 16 * 1024 * 1024;

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// The setting that a line is about; nullptr: a comment, an include, something ignored.
const Directive* directive_of(std::string_view line) {
    size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') return nullptr;
    std::optional<std::vector<std::string>> words = split_words(line);
    return words && !words->empty() ? find_directive((*words)[0]) : nullptr;
}

void append_line(std::string& text, std::string_view line) {
    text += line;
    text += '\n';
}

void append_lines(std::string& text, const Directive& directive, const Config& config) {
    for (const std::string& line : directive_lines(directive, config)) append_line(text, line);
}

// Settings whose value in `text` is not the one in use.
Result<std::vector<const Directive*>> differing(std::string_view text, const std::string& name,
                                                const Config& config) {
    LoadedConfig loaded;
    TM_CHECK(apply_config_text(text, name, 0, loaded));
    std::vector<const Directive*> found;
    for (const Directive& directive : all_directives()) {
        if (show_directive(directive, loaded.config) != show_directive(directive, config)) {
            found.push_back(&directive);
        }
    }
    return found;
}

// The same lines with the changed settings replaced where they first stand.
std::string replace_in_place(std::string_view text, const std::vector<const Directive*>& changed,
                             const Config& config) {
    std::map<const Directive*, bool> is_written;
    for (const Directive* directive : changed) is_written[directive] = false;
    std::string result;
    for (std::string_view line : lines_of(text)) {
        const Directive* directive = directive_of(line);
        auto change = is_written.find(directive);
        if (directive == nullptr || change == is_written.end()) {
            append_line(result, line);
        } else if (!change->second) {
            append_lines(result, *directive, config);
            change->second = true;
        }
    }
    return result;
}

std::string folder_of(const std::string& path) {
    size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

Status write_whole(io::Disk& disk, const std::string& path, std::string_view text) {
    auto file = TM_TRY(disk.open(path, io::OpenMode::kTruncate));
    TM_CHECK(file->write_at(text, 0));
    return file->data_sync();
}

}  // namespace

Result<std::string> rewritten_config(std::string_view text, const std::string& name,
                                     const Config& config) {
    std::vector<const Directive*> changed = TM_TRY(differing(text, name, config));
    std::string result = replace_in_place(text, changed, config);
    // What is left was never in this file, or an include further down overrides it.
    std::vector<const Directive*> missing = TM_TRY(differing(result, name, config));
    if (missing.empty()) return result;
    if (result.find(kAppended) == std::string::npos) append_line(result, kAppended);
    for (const Directive* directive : missing) append_lines(result, *directive, config);
    return result;
}

Status rewrite_config(io::Disk& disk, const std::string& file, const Config& config) {
    std::string text = TM_TRY(io::read_file(disk, file, kMaxFileBytes));
    std::string result = TM_TRY(rewritten_config(text, file, config));
    std::string temporary = file + ".rewrite";
    Status written = write_whole(disk, temporary, result);
    if (!written) {
        (void)disk.remove(temporary);
        return written;
    }
    TM_CHECK(disk.rename(temporary, file));
    return disk.sync_folder(folder_of(file));
}

}  // namespace tidemark::server
