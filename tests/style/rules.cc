#include "tests/style/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

namespace tidemark::style {
namespace {

// Longer files are split by noun before they get here (the house's own mark is 400).
constexpr size_t kMaxLines = 800;

// What each room may include besides itself. HACKING.md says why.
struct Room {
    std::string_view name;
    std::array<std::string_view, 12> may_include;
};

constexpr auto kRooms = std::to_array<Room>({
    {"base", {}},
    {"io", {"base"}},
    {"resp", {"base"}},
    {"engine/encoding", {"base"}},
    {"engine", {"engine/encoding", "base"}},
    {"rdb/codec", {"engine/encoding", "base"}},
    {"rdb", {"rdb/codec", "engine", "io", "base"}},
    {"aof/codec", {"resp", "base"}},
    {"aof", {"aof/codec", "rdb", "engine", "io", "base"}},
    {"cmd", {"rdb", "engine", "engine/encoding", "resp", "base"}},
    {"net", {"io", "resp", "base"}},
    {"server",
     {"base", "io", "resp", "engine", "engine/encoding", "rdb", "rdb/codec", "aof", "aof/codec",
      "cmd", "net"}},
    {"tools/html", {"base"}},
    {"tools", {"base", "io", "engine/encoding", "resp", "rdb/codec", "aof/codec", "tools/html"}},
    {"tests", {"*"}},
    {"bench", {"*"}},
});

bool is_below(std::string_view path, std::string_view folder) {
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

const Room* find_room(std::string_view path) {
    const Room* best = nullptr;
    for (const Room& room : kRooms) {
        if (is_below(path, room.name) && (!best || room.name.size() > best->name.size()))
            best = &room;
    }
    return best;
}

bool may_include(const Room& from, std::string_view to) {
    if (from.name == to) return true;
    const auto& allowed = from.may_include;
    return allowed[0] == "*" || std::find(allowed.begin(), allowed.end(), to) != allowed.end();
}

bool is_cpp(std::string_view path) {
    return path.ends_with(".h") || path.ends_with(".cc");
}

// Calls visit(line number, line) for each line.
template <class Visit>
void for_each_line(std::string_view text, Visit&& visit) {
    size_t number = 0;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        visit(++number, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// What stands between the quotes of `#include "..."`, or empty.
std::string_view quoted_include(std::string_view line) {
    constexpr std::string_view kDirective = "#include \"";
    if (!line.starts_with(kDirective)) return {};
    line.remove_prefix(kDirective.size());
    return line.substr(0, line.find('"'));
}

std::string_view folder_of(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string read_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool is_looked_at(std::string_view path) {
    if (is_cpp(path) || path.ends_with(".md")) return true;
    const std::string_view name = name_of(path);
    return name == "meson.build" || name == "meson_options.txt" || is_below(path, "tools") ||
           is_below(path, ".ci");
}

void append(std::vector<Finding>& to, std::vector<Finding> from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

std::string_view room_of(std::string_view path) {
    const Room* room = find_room(path);
    return room ? room->name : std::string_view{};
}

std::vector<Finding> check_includes(const Source& source) {
    std::vector<Finding> findings;
    const Room* from = find_room(source.path);
    if (!is_cpp(source.path)) return findings;
    if (!from) return {{source.path, 0, "lies in no room"}};
    for_each_line(source.text, [&](size_t number, std::string_view line) {
        const std::string_view included = quoted_include(line);
        if (included.empty()) return;
        const Room* to = find_room(included);
        if (!to) {
            findings.push_back({source.path, number,
                                fmt::format("\"{}\" is not written from the root", included)});
        } else if (!may_include(*from, to->name)) {
            findings.push_back(
                {source.path, number, fmt::format("{} may not include {}", from->name, to->name)});
        }
    });
    return findings;
}

std::vector<Finding> check_header(const Source& source) {
    if (!source.path.ends_with(".h")) return {};
    std::string_view first_code;
    for_each_line(source.text, [&](size_t, std::string_view line) {
        if (first_code.empty() && !line.empty() && !line.starts_with("//")) first_code = line;
    });
    if (first_code == "#pragma once") return {};
    return {{source.path, 0, "does not begin with #pragma once"}};
}

std::vector<Finding> check_length(const Source& source) {
    if (!is_cpp(source.path)) return {};
    const auto lines =
        static_cast<size_t>(std::count(source.text.begin(), source.text.end(), '\n'));
    if (lines < kMaxLines) return {};
    return {{source.path, 0, fmt::format("has {} lines; split it by noun", lines)}};
}

std::vector<Finding> check_words(const Source& source) {
    // Spelled in two parts, because this file is looked at too.
    static constexpr std::array<std::string_view, 4> kForbidden = {
        "TO"
        "DO",
        "FIX"
        "ME",
        "/wo"
        "rk/",
        "/ro"
        "ot/"};
    std::vector<Finding> findings;
    for_each_line(source.text, [&](size_t number, std::string_view line) {
        for (const std::string_view word : kForbidden) {
            if (line.find(word) != std::string_view::npos)
                findings.push_back({source.path, number, fmt::format("contains {}", word)});
        }
    });
    return findings;
}

// It throws where a disk is full or a reader has gone, which nobody catches.
std::vector<Finding> check_printing(const Source& source) {
    std::vector<Finding> findings;
    if (!is_below(source.path, "tools") || !is_cpp(source.path)) return findings;
    for_each_line(source.text, [&](size_t number, std::string_view line) {
        if (line.find("fmt::print(") != std::string_view::npos)
            findings.push_back({source.path, number, "prints past tools/common/print.h"});
    });
    return findings;
}

std::vector<Finding> check_tests_are_built(const std::vector<Source>& sources) {
    std::vector<Finding> findings;
    for (const Source& test : sources) {
        if (!is_below(test.path, "tests") || !test.path.ends_with("_test.cc")) continue;
        const std::string quoted = fmt::format("'{}'", name_of(test.path));
        const std::string build_path = fmt::format("{}/meson.build", folder_of(test.path));
        const bool named = std::any_of(sources.begin(), sources.end(), [&](const Source& build) {
            return build.path == build_path && build.text.find(quoted) != std::string::npos;
        });
        if (!named) findings.push_back({test.path, 0, "is not named in " + build_path});
    }
    return findings;
}

std::vector<Finding> check_all(const std::vector<Source>& sources) {
    std::vector<Finding> findings = check_tests_are_built(sources);
    for (const Source& source : sources) {
        append(findings, check_includes(source));
        append(findings, check_header(source));
        append(findings, check_length(source));
        append(findings, check_words(source));
        append(findings, check_printing(source));
    }
    return findings;
}

std::vector<Source> read_checkout(const std::string& root) {
    namespace fs = std::filesystem;
    std::vector<Source> sources;
    for (auto it = fs::recursive_directory_iterator(root); it != fs::end(it); ++it) {
        const std::string name = it->path().filename().string();
        const bool hidden = name.starts_with('.') && name != ".ci";
        if (it->is_directory()) {
            const bool build_output =
                it.depth() == 0 && (name.starts_with("build") || name == "data");
            if (hidden || build_output) it.disable_recursion_pending();
            continue;
        }
        const std::string path = it->path().lexically_relative(root).generic_string();
        if (it->is_regular_file() && is_looked_at(path))
            sources.push_back({path, read_text(it->path())});
    }
    return sources;
}

}  // namespace tidemark::style
