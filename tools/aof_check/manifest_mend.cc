#include "tools/aof_check/manifest_mend.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/ascii.h"
#include "base/number.h"
#include "base/quoted_words.h"
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
    explicit Mender(const Chain& chain) : chain_(chain) {}

    MendedManifest run() {
        std::string_view text = chain_.manifest_text;
        for (size_t number = 1; !text.empty(); ++number) {
            const size_t end = text.find('\n');
            const std::string_view line = text.substr(0, end);
            if (end == std::string_view::npos) note(number, "its newline was missing");
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
            if (!line.empty() && line[0] == '#') continue;
            take_line(number, line);
        }
        place_bases();
        place_increments();
        return std::move(result_);
    }

private:
    void note(size_t number, std::string_view what) {
        result_.mended.push_back(fmt::format("line {}: {}", number, what));
    }
    void drop(size_t number, std::string_view why) {
        result_.dropped.push_back(fmt::format("line {}: {}", number, why));
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
            if (key == "file") {
                line.entry.file = value;
            } else if (key == "seq") {
                line.entry.seq = parse_uint64(value).value_or(0);
            } else if (key == "type") {
                line.type = value.size() == 1 ? value[0] : '?';
            } else {
                line.entry.extra.emplace_back((*words)[i], value);
            }
        }
        if (mend_line(line)) place(std::move(line));
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
        if (line.entry.file.empty() || line.entry.file == "." || line.entry.file == "..") {
            drop(line.number, "names no file");
            return false;
        }
        const auto said = aof::parse_log_file_name(line.entry.file, chain_.appendfilename);
        if (line.entry.seq == 0 && said && said->seq != 0) {
            line.entry.seq = said->seq;
            note(line.number, fmt::format("its seq is {}, by the file's name", said->seq));
        }
        if (line.type != 'b' && line.type != 'i' && line.type != 'h' && said) {
            line.type = said->is_base ? 'b' : 'i';
            note(line.number, fmt::format("its type is {}, by the file's name", line.type));
        }
        const bool has_type = line.type == 'b' || line.type == 'i' || line.type == 'h';
        if (line.entry.seq != 0 && has_type) return true;
        drop(line.number, fmt::format("'{}': neither line nor name say which file of the log it is",
                                      tools::escape_short(line.entry.file, 100)));
        return false;
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
            if (std::any_of(placed.begin(), placed.end(), same_file)) {
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

    const Chain& chain_;
    MendedManifest result_;
    std::vector<Line> bases_;
    std::vector<Line> increments_;
};

}  // namespace

MendedManifest mend_manifest(const Chain& chain) {
    return Mender(chain).run();
}

}  // namespace tidemark::aof_check
