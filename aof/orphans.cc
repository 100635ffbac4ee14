#include "aof/orphans.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemark::aof {

namespace {

constexpr std::string_view kLostFolder = "lost+found";

bool is_named(const Manifest& manifest, std::string_view name) {
    const auto same = [&](const ManifestEntry& entry) { return entry.file == name; };
    return (manifest.base && same(*manifest.base)) ||
           std::any_of(manifest.history.begin(), manifest.history.end(), same) ||
           std::any_of(manifest.increments.begin(), manifest.increments.end(), same);
}

bool is_ours(std::string_view name, const FolderNames& names) {
    return is_log_file_name(name, names.appendfilename) || name == names.appendfilename ||
           name.substr(0, 5) == "temp-";
}

Result<uint64_t> size_of(io::Disk& disk, const std::string& path) {
    auto file = TM_TRY(disk.open(path, io::OpenMode::kRead));
    return file->size();
}

// A name in the lost folder that does not overwrite what an earlier start parked there.
Result<std::string> free_name(io::Disk& disk, const std::string& folder, const std::string& name) {
    std::string path = fmt::format("{}/{}", folder, name);
    for (int i = 1; TM_TRY(disk.exists(path)); ++i) path = fmt::format("{}/{}.{}", folder, name, i);
    return path;
}

}  // namespace

Status park_orphans(io::Disk& disk, Logger& logger, const FolderNames& names,
                    const Manifest& manifest) {
    const std::string lost = names.path_of(kLostFolder);
    const std::string temp_manifest = "temp-" + names.manifest_name();
    bool moved = false;
    bool removed = false;
    for (const std::string& name : TM_TRY(disk.list(names.folder()))) {
        if (name == names.manifest_name() || is_named(manifest, name)) continue;
        if (!is_ours(name, names)) continue;
        const std::string path = names.path_of(name);
        if (name == temp_manifest || TM_TRY(size_of(disk, path)) == 0) {
            TM_CHECK(disk.remove(path));
            logger.notice("Removed {}, left over and without data", path);
            removed = true;
            continue;
        }
        TM_CHECK(disk.make_folder(lost));
        const std::string parked = TM_TRY(free_name(disk, lost, name));
        TM_CHECK(disk.rename(path, parked));
        logger.warning("{} is not named by the manifest; moved to {}", path, parked);
        moved = true;
    }
    if (moved) TM_CHECK(disk.sync_folder(lost));
    if (moved || removed) TM_CHECK(disk.sync_folder(names.folder()));
    return {};
}

}  // namespace tidemark::aof
