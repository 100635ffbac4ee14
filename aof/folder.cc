#include "aof/folder.h"

#include <algorithm>

namespace tidemark::aof {

Status persist_manifest(io::Disk& disk, const FolderNames& names, const Manifest& manifest) {
    auto file = TM_TRY(disk.open(names.temp_manifest_path(), io::OpenMode::kTruncate));
    TM_CHECK(file->write_at(format_manifest(manifest), 0));
    TM_CHECK(file->data_sync());
    file.reset();
    // Before the rename: a manifest must never be on the disk before the entries of the new files
    // that it names, and only a journal would keep that order by itself.
    TM_CHECK(disk.sync_folder(names.folder()));
    TM_CHECK(disk.rename(names.temp_manifest_path(), names.manifest_path()));
    return disk.sync_folder(names.folder());
}

Status write_again(io::File& file, uint64_t from, uint64_t to) {
    constexpr uint64_t kWindowBytes = 256 * 1024;
    if (from >= to || to - from > kWriteAgainMax) return {};
    std::string window(std::min(kWindowBytes, to - from), '\0');
    while (from < to) {
        const size_t wanted = std::min<uint64_t>(window.size(), to - from);
        const size_t got = TM_TRY(file.read_at(window.data(), wanted, from));
        if (got == 0) break;
        TM_CHECK(file.write_at({window.data(), got}, from));
        from += got;
    }
    return {};
}

ManifestEntry our_increment(const FolderNames& names, uint64_t seq) {
    ManifestEntry entry;
    entry.file = increment_name(names.appendfilename, seq);
    entry.seq = seq;
    entry.set(kSealsKey, "1");
    return entry;
}

}  // namespace tidemark::aof
