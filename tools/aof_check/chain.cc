#include "tools/aof_check/chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/number.h"

namespace tidemark::aof_check {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifestSuffix = ".manifest";
constexpr std::string_view kDefaultFolder = "appendonlydir";
constexpr std::string_view kDefaultName = "appendonly.aof";

struct Listed {
    std::string name;
    uint64_t size = 0;
    bool is_folder = false;
};

// By name, so that everything is said in the same order each time.
Result<std::vector<Listed>> list(const std::string& folder) {
    std::vector<Listed> found;
    std::error_code error;
    for (auto it = fs::directory_iterator(folder, error); !error && it != fs::end(it);
         it.increment(error)) {
        std::error_code ignored;
        Listed one{it->path().filename().string(), 0, it->is_directory(ignored)};
        if (it->is_regular_file(ignored)) one.size = it->file_size(ignored);
        found.push_back(std::move(one));
    }
    if (error) return fail(system_error(error.value(), fmt::format("cannot list {}", folder)));
    std::sort(found.begin(), found.end(),
              [](const Listed& a, const Listed& b) { return a.name < b.name; });
    return found;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

bool is_manifest_name(std::string_view name) {
    return name.ends_with(kManifestSuffix) && !name.starts_with("temp-") &&
           name.size() > kManifestSuffix.size();
}

// "appendonly.aof" of "appendonly.aof.3.incr.aof"; empty for other names.
std::string_view log_name_of(std::string_view name) {
    for (size_t dot = name.find('.'); dot != std::string_view::npos;
         dot = name.find('.', dot + 1)) {
        if (aof::is_log_file_name(name, name.substr(0, dot))) return name.substr(0, dot);
    }
    return {};
}

Result<std::string> read_manifest(const std::string& path) {
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    if (error) return fail(system_error(error.value(), fmt::format("cannot read {}", path)));
    if (size > aof::kManifestBytesMax)
        return fail(ErrorCode::kCorrupt, fmt::format("{} is too long to be a manifest", path));
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(system_error(errno, fmt::format("cannot open {}", path)));
    return std::string(std::istreambuf_iterator<char>(in), {});
}

ChainFile chain_file(const Chain& chain, Role role, const aof::ManifestEntry& entry) {
    ChainFile file;
    file.role = role;
    file.name = entry.file;
    file.path = chain.path_of(entry.file);
    file.seq = entry.seq;
    file.entry = entry;
    std::error_code error;
    file.size = fs::file_size(file.path, error);
    if (error) file.size = 0;
    file.is_there = !error;
    return file;
}

std::string_view leftover_kind(const Listed& one, const Chain& chain) {
    if (one.is_folder) return one.name == "lost+found" ? "lost+found" : std::string_view{};
    if (one.name.find(".tail-") != std::string::npos) return "cut off at a start";
    if (one.name.starts_with("temp-")) return "temporary file";
    const bool ours = aof::is_log_file_name(one.name, chain.appendfilename);
    return ours || one.name == chain.appendfilename ? "orphan" : std::string_view{};
}

bool is_named(const Chain& chain, const std::string& name) {
    const auto same = [&](const ChainFile& file) { return file.name == name; };
    return std::any_of(chain.files.begin(), chain.files.end(), same) ||
           std::any_of(chain.history.begin(), chain.history.end(), same);
}

Status find_leftovers(Chain& chain) {
    for (const Listed& one : TM_TRY(list(chain.folder))) {
        const std::string_view kind = leftover_kind(one, chain);
        if (kind.empty() || is_named(chain, one.name)) continue;
        chain.leftovers.push_back({one.name, one.size, kind});
    }
    return {};
}

// The old single file beside the folder, which an interrupted adoption has named and not moved.
void look_for_adoption(Chain& chain) {
    if (chain.files.size() != 1 || chain.files[0].is_there) return;
    ChainFile& base = chain.files[0];
    if (base.role != Role::kBase || base.name != chain.appendfilename) return;
    std::error_code error;
    const fs::path old =
        fs::path(chain.folder).lexically_normal().parent_path() / chain.appendfilename;
    const uint64_t size = fs::file_size(old, error);
    if (error) return;
    base.path = old.string();
    base.size = size;
    base.is_there = true;
    chain.adoption_is_open = true;
}

void find_named_files(Chain& chain) {
    if (chain.manifest.base)
        chain.files.push_back(chain_file(chain, Role::kBase, *chain.manifest.base));
    for (const aof::ManifestEntry& entry : chain.manifest.increments)
        chain.files.push_back(chain_file(chain, Role::kIncrement, entry));
    for (const aof::ManifestEntry& entry : chain.manifest.history)
        chain.history.push_back(chain_file(chain, Role::kHistory, entry));
    look_for_adoption(chain);
}

Result<Chain> read_chain(Chain chain) {
    chain.has_manifest = true;
    chain.manifest_text = TM_TRY(read_manifest(chain.manifest_path));
    chain.manifest =
        aof::parse_manifest(chain.manifest_text, chain.problems, chain.manifest_name());
    find_named_files(chain);
    TM_CHECK(find_leftovers(chain));
    return chain;
}

Result<Chain> chain_of_manifest(const std::string& given, const fs::path& manifest) {
    Chain chain;
    chain.given = given;
    chain.folder = manifest.has_parent_path() ? manifest.parent_path().string() : ".";
    chain.manifest_path = manifest.string();
    const std::string name = manifest.filename().string();
    chain.appendfilename = name.ends_with(kManifestSuffix)
                               ? name.substr(0, name.size() - kManifestSuffix.size())
                               : std::string(kDefaultName);
    return read_chain(std::move(chain));
}

Result<Chain> chain_of_file(const std::string& path) {
    Chain chain;
    chain.given = path;
    ChainFile file;
    file.path = path;
    file.name = fs::path(path).filename().string();
    file.seq = 1;
    if (path != "-") {
        chain.folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path().string()
                                                        : std::string(".");
        std::error_code error;
        file.size = fs::file_size(path, error);
        if (error) file.size = 0;
    }
    chain.appendfilename = file.name;
    chain.files.push_back(std::move(file));
    return chain;
}

// What a folder says by its names.
struct FolderNames {
    std::vector<std::string> logs;      // appendfilenames that have a manifest
    std::vector<std::string> unlisted;  // that have log files and no manifest
};

FolderNames names_in(const std::vector<Listed>& listed) {
    FolderNames names;
    for (const Listed& one : listed) {
        if (!one.is_folder && is_manifest_name(one.name))
            names.logs.push_back(one.name.substr(0, one.name.size() - kManifestSuffix.size()));
    }
    for (const Listed& one : listed) {
        const std::string_view name = one.is_folder ? std::string_view{} : log_name_of(one.name);
        if (name.empty()) continue;
        const auto has = [&](const std::vector<std::string>& in) {
            return std::find(in.begin(), in.end(), name) != in.end();
        };
        if (!has(names.logs) && !has(names.unlisted)) names.unlisted.emplace_back(name);
    }
    return names;
}

Result<Chain> chain_of_folder(const std::string& given, const std::string& folder,
                              std::string_view name);

// A data folder: the log's folder is in it, or the single file of old.
Result<Chain> chain_of_data_folder(const std::string& given, const std::string& folder,
                                   const std::vector<Listed>& listed, std::string_view name) {
    std::vector<std::string> found;
    bool has_old_file = false;
    for (const Listed& one : listed) {
        if (one.name == kDefaultName && !one.is_folder) has_old_file = true;
        if (!one.is_folder || one.name == "lost+found") continue;
        const auto inside = list(folder + "/" + one.name);
        if (!inside) continue;
        const FolderNames names = names_in(*inside);
        if (!names.logs.empty() || !names.unlisted.empty()) found.push_back(one.name);
    }
    const bool has_default = std::find(found.begin(), found.end(), kDefaultFolder) != found.end();
    if (found.size() == 1 || has_default) {
        const std::string which = has_default ? std::string(kDefaultFolder) : found[0];
        return chain_of_folder(given, fmt::format("{}/{}", folder, which), name);
    }
    if (found.size() > 1) {
        return fail(ErrorCode::kInvalid, fmt::format("{} holds several logs: {}; name one of them",
                                                     folder, joined(found)));
    }
    if (has_old_file) {
        Chain chain = TM_TRY(chain_of_file(fmt::format("{}/{}", folder, kDefaultName)));
        chain.given = given;
        return chain;
    }
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no log in {}: no manifest, no {}, no file called "
                            "<name>.<number>.incr.aof",
                            folder, kDefaultName));
}

Result<Chain> chain_of_folder(const std::string& given, const std::string& folder,
                              std::string_view name) {
    const std::vector<Listed> listed = TM_TRY(list(folder));
    FolderNames names = names_in(listed);
    if (!name.empty()) {
        std::erase_if(names.logs, [&](const std::string& one) { return one != name; });
        std::erase_if(names.unlisted, [&](const std::string& one) { return one != name; });
    }
    if (names.logs.size() == 1)
        return chain_of_manifest(given, fmt::format("{}/{}.manifest", folder, names.logs[0]));
    if (names.logs.empty() && names.unlisted.empty())
        return chain_of_data_folder(given, folder, listed, name);
    if (names.logs.size() > 1 || names.unlisted.size() > 1) {
        const auto& several = names.logs.size() > 1 ? names.logs : names.unlisted;
        return fail(ErrorCode::kInvalid,
                    fmt::format("{} holds several logs: {}; name one with --name", folder,
                                joined(several)));
    }
    Chain chain;
    chain.given = given;
    chain.folder = folder;
    chain.appendfilename = names.unlisted[0];
    chain.manifest_path = fmt::format("{}/{}.manifest", folder, chain.appendfilename);
    TM_CHECK(find_leftovers(chain));
    return chain;
}

// Also a manifest under another name is one.
bool begins_as_manifest(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    char head[5] = {};
    in.read(head, sizeof head);
    return std::string_view(head, sizeof head) == "file ";
}

}  // namespace

Status Chain::require_manifest() const {
    if (!lacks_manifest()) return {};
    return fail(ErrorCode::kCorrupt, "there is no manifest; aof-check rebuild-manifest first");
}

void keep_spooled(Chain& chain, std::unique_ptr<tools::Source> source) {
    if (!source->replaceable_path().empty()) return;
    ChainFile& file = chain.files[0];
    file.size = source->size();
    file.spooled = std::move(source);
}

Chain with_manifest(const Chain& chain, aof::Manifest manifest) {
    Chain other = chain;
    other.manifest = std::move(manifest);
    other.has_manifest = true;
    other.problems.clear();
    other.files.clear();
    other.history.clear();
    find_named_files(other);
    std::erase_if(other.leftovers, [&](const Leftover& one) { return is_named(other, one.name); });
    return other;
}

std::string_view name_of(Role role) {
    switch (role) {
        case Role::kBase:
            return "base";
        case Role::kIncrement:
            return "increment";
        case Role::kHistory:
            return "history";
    }
    return "";
}

Result<Chain> find_chain(const std::string& path, std::string_view name) {
    if (path == "-") return chain_of_file(path);
    std::string trimmed = path;
    while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
    std::error_code error;
    const fs::file_status status = fs::status(trimmed, error);
    if (status.type() == fs::file_type::not_found || status.type() == fs::file_type::none) {
        return fail(
            system_error(error ? error.value() : ENOENT, fmt::format("cannot open {}", path)));
    }
    if (status.type() == fs::file_type::directory) return chain_of_folder(path, trimmed, name);
    const bool regular = status.type() == fs::file_type::regular;
    if (regular &&
        (is_manifest_name(fs::path(trimmed).filename().string()) || begins_as_manifest(trimmed))) {
        return chain_of_manifest(path, trimmed);
    }
    return chain_of_file(path);
}

Result<std::unique_ptr<LogBytes>> open_log(tools::Session& session, const std::string& path) {
    return std::make_unique<LogBytes>(TM_TRY(session.open_other(path)));
}

Result<std::unique_ptr<LogBytes>> open_log(tools::Session& session, const ChainFile& file) {
    if (file.spooled) return std::make_unique<LogBytes>(file.spooled);
    return open_log(session, file.path);
}

}  // namespace tidemark::aof_check
