#include "tools/aof_check/manifest_mend.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/ascii.h"
#include "base/number.h"
#include "base/quoted_words.h"
#include "tools/aof_check/manifest_rebuild.h"
#include "tools/common/text.h"

namespace tidemark::aof_check {

namespace {

namespace fs = std::filesystem;

struct Line {
    size_t number = 0;
    aof::ManifestEntry entry;
    char type = 0;
};

class Mender {
public:
    Mender(const Chain& chain, tools::Session& session) : chain_(chain), session_(session) {}

    Result<MendedManifest> run() {
        std::string_view text = chain_.manifest_text;
        for (size_t number = 1; !text.empty(); ++number) {
            const size_t end = text.find('\n');
            const std::string_view line = text.substr(0, end);
            if (end == std::string_view::npos) note(number, "its newline was missing");
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
            if (!line.empty() && line[0] == '#') {
                if (is_too_long(line)) note(number, "a comment of more than 1024 bytes goes");
                continue;
            }
            take_line(number, line);
        }
        place_bases();
        place_increments();
        if (!result_.dropped.empty() || result_.manifest.empty()) TM_CHECK(take_in_by_name());
        if (result_.mended.empty() && result_.dropped.empty())
            result_.mended.emplace_back("it is written anew");
        return std::move(result_);
    }

private:
    void note(size_t number, std::string_view what) {
        result_.mended.push_back(fmt::format("line {}: {}", number, what));
    }
    void drop(size_t number, std::string_view why) {
        result_.dropped.push_back(fmt::format("line {}: {}", number, why));
    }

    static bool is_too_long(std::string_view line) {
        return line.size() + 1 > aof::kManifestLineMax;
    }

    void take_line(size_t number, std::string_view text) {
        auto words = split_words(text);
        if (!words) return drop(number, "quotes out of balance");
        if (words->empty()) return note(number, "was blank");
        if (words->size() % 2 != 0) {
            note(number, fmt::format("'{}' at its end belongs to nothing",
                                     tools::escape_short(words->back(), 40)));
            words->pop_back();
        }
        Line line;
        line.number = number;
        for (size_t i = 0; i + 1 < words->size(); i += 2) {
            const std::string key = ascii_lower((*words)[i]);
            const std::string& value = (*words)[i + 1];
            if (key.find('\0') != std::string::npos) {
                note(number, "a pair with a NUL in its name goes");
            } else if (key == "file") {
                line.entry.file = value;
            } else if (key == "seq") {
                line.entry.seq = parse_uint64(value).value_or(0);
            } else if (key == "type") {
                line.type = value.size() == 1 ? value[0] : '?';
            } else {
                line.entry.extra.emplace_back((*words)[i], value);
            }
        }
        if (mend_line(line) && shorten(line, text)) place(std::move(line));
    }

    // A line must be short enough in the file, and so written again.
    bool shorten(Line& line, std::string_view text) {
        aof::Manifest alone;
        alone.increments.push_back(line.entry);
        if (!is_too_long(text) && !is_too_long(aof::format_manifest(alone))) return true;
        std::erase_if(line.entry.extra, [](const auto& pair) {
            return pair.first != aof::kSealsKey && pair.first != aof::kDurableBytesKey;
        });
        note(line.number, "was longer than 1024 bytes: pairs that mean nothing here go");
        alone.increments[0] = line.entry;
        if (aof::format_manifest(alone).size() <= aof::kManifestLineMax) return true;
        drop(line.number, "longer than 1024 bytes");
        return false;
    }

    bool mend_line(Line& line) {
        if (line.entry.file.find('/') != std::string::npos) {
            const std::string name = fs::path(line.entry.file).filename().string();
            std::error_code ignored;
            if (name.empty() || !fs::exists(chain_.path_of(name), ignored)) {
                drop(line.number, fmt::format("names '{}', outside the folder",
                                              tools::escape_short(line.entry.file, 100)));
                return false;
            }
            note(line.number, fmt::format("the path in front of '{}' is gone", name));
            line.entry.file = name;
        }
        const std::string& name = line.entry.file;
        const bool is_bare = name.find_first_of(std::string_view("\\\0", 2)) == std::string::npos;
        if (name.empty() || name == "." || name == ".." || !is_bare) {
            drop(line.number, "names no file");
            return false;
        }
        if (name == chain_.manifest_name()) {
            drop(line.number, "names the manifest itself");
            return false;
        }
        take_from_name(line);
        const bool has_type = line.type == 'b' || line.type == 'i' || line.type == 'h';
        if (line.entry.seq != 0 && has_type) return true;
        drop(line.number, fmt::format("'{}': neither line nor name say which file of the log it is",
                                      tools::escape_short(line.entry.file, 100)));
        return false;
    }

    // Servers name files by seq and type, so where a line says otherwise it is the line that is
    // wrong.
    void take_from_name(Line& line) {
        const auto said = aof::parse_log_file_name(line.entry.file, chain_.appendfilename);
        if (!said) return;
        if (said->seq != 0 && line.entry.seq != said->seq) {
            line.entry.seq = said->seq;
            note(line.number, fmt::format("its seq is {}, by the file's name", said->seq));
        }
        const char type = said->is_base ? 'b' : 'i';
        if (line.type == type || line.type == 'h') return;
        line.type = type;
        note(line.number, fmt::format("its type is {}, by the file's name", type));
    }

    void place(Line line) {
        if (line.type == 'h') {
            result_.manifest.history.push_back(std::move(line.entry));
        } else if (line.type == 'b') {
            bases_.push_back(std::move(line));
        } else {
            increments_.push_back(std::move(line));
        }
    }

    void place_bases() {
        if (bases_.empty()) return;
        const auto by_seq = [](const Line& a, const Line& b) { return a.entry.seq < b.entry.seq; };
        std::stable_sort(bases_.begin(), bases_.end(), by_seq);
        for (size_t i = 1; i < bases_.size(); ++i) {
            note(bases_[i].number, fmt::format("a second base, {}: the older one and the "
                                               "increments are the whole log",
                                               tools::escape_short(bases_[i].entry.file, 100)));
        }
        result_.manifest.base = std::move(bases_[0].entry);
    }

    void place_increments() {
        const auto by_seq = [](const Line& a, const Line& b) { return a.entry.seq < b.entry.seq; };
        if (!std::is_sorted(increments_.begin(), increments_.end(), by_seq)) {
            std::stable_sort(increments_.begin(), increments_.end(), by_seq);
            result_.mended.push_back("the increments are in the order of their seq");
        }
        for (Line& line : increments_) {
            auto& placed = result_.manifest.increments;
            const auto same_file = [&](const aof::ManifestEntry& one) {
                return one.file == line.entry.file;
            };
            if (std::any_of(placed.begin(), placed.end(), same_file) ||
                (result_.manifest.base && same_file(*result_.manifest.base))) {
                note(line.number, fmt::format("'{}' was named twice",
                                              tools::escape_short(line.entry.file, 100)));
                continue;
            }
            if (!placed.empty() && placed.back().seq == line.entry.seq) {
                drop(line.number, fmt::format("'{}' has the seq of '{}'",
                                              tools::escape_short(line.entry.file, 100),
                                              tools::escape_short(placed.back().file, 100)));
                continue;
            }
            placed.push_back(std::move(line.entry));
        }
    }

    // The folder's files of the log that may have been named by lines that are lost.
    Chain unnamed_files() const {
        Chain files = chain_;
        for (const ChainFile& file : chain_.files)
            files.leftovers.push_back({file.name, file.size, "orphan"});
        files.files.clear();
        files.history.clear();
        const auto names = [](const std::vector<aof::ManifestEntry>& entries, const auto& file) {
            return std::any_of(entries.begin(), entries.end(),
                               [&](const auto& entry) { return entry.file == file; });
        };
        const auto& manifest = result_.manifest;
        std::erase_if(files.leftovers, [&](const Leftover& one) {
            const auto said = aof::parse_log_file_name(one.name, chain_.appendfilename);
            // The base counts for its date.
            const bool is_other_base = manifest.base && said && said->is_base;
            if (is_other_base && one.name != manifest.base->file) return true;
            return names(manifest.history, one.name) || names(manifest.increments, one.name);
        });
        return files;
    }

    Status take_in_by_name() {
        auto found = rebuild_manifest(unnamed_files(), session_, {});
        if (!found && found.error().code == ErrorCode::kNotFound) return {};
        if (!found && found.error().code == ErrorCode::kInvalid) {
            result_.unclear = found.error().what;
            return {};
        }
        aof::Manifest& manifest = result_.manifest;
        aof::Manifest more = TM_TRY(std::move(found)).manifest;
        size_t taken = 0;
        const auto say = [&](const std::string& name) {
            ++taken;
            result_.mended.push_back(
                fmt::format("{} is named again, by what it is called", tools::escape(name)));
        };
        if (more.base && !manifest.base) {
            say(more.base->file);
            manifest.base = std::move(more.base);
        }
        for (aof::ManifestEntry& entry : more.increments) {
            const auto same = [&](const auto& one) { return one.seq == entry.seq; };
            if (std::any_of(manifest.increments.begin(), manifest.increments.end(), same)) continue;
            say(entry.file);
            manifest.increments.push_back(std::move(entry));
        }
        std::sort(manifest.increments.begin(), manifest.increments.end(),
                  [](const auto& a, const auto& b) { return a.seq < b.seq; });
        if (taken > 0) settle(taken);
        return {};
    }

    // A lost line is made good by a file that was taken in. What is still missing shows in the
    // numbers, which have no gaps.
    void settle(size_t taken) {
        auto& dropped = result_.dropped;
        const auto made_good =
            dropped.begin() + static_cast<ptrdiff_t>(std::min(taken, dropped.size()));
        for (auto line = dropped.begin(); line != made_good; ++line)
            result_.mended.push_back(*line + ", left out");
        dropped.erase(dropped.begin(), made_good);
        const auto& increments = result_.manifest.increments;
        for (size_t i = 1; i < increments.size(); ++i) {
            if (increments[i].seq == increments[i - 1].seq + 1) continue;
            dropped.push_back(fmt::format("no file with a seq between those of {} and {}",
                                          tools::escape(increments[i - 1].file),
                                          tools::escape(increments[i].file)));
        }
        if (!result_.manifest.base)
            dropped.emplace_back("no base: if there was one, its keys are missing");
    }

    const Chain& chain_;
    tools::Session& session_;
    MendedManifest result_;
    std::vector<Line> bases_;
    std::vector<Line> increments_;
};

}  // namespace

Result<MendedManifest> mend_manifest(const Chain& chain, tools::Session& session) {
    return Mender(chain, session).run();
}

}  // namespace tidemark::aof_check
