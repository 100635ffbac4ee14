#include "aof/folder.h"

namespace tidemark::aof {

Status persist_manifest(io::Disk& disk, const FolderNames& names, const Manifest& manifest) {
    auto file = TM_TRY(disk.open(names.temp_manifest_path(), io::OpenMode::kTruncate));
    TM_CHECK(file->write_at(format_manifest(manifest), 0));
    TM_CHECK(file->data_sync());
    file.reset();
    TM_CHECK(disk.rename(names.temp_manifest_path(), names.manifest_path()));
    return disk.sync_folder(names.folder());
}

ManifestEntry our_increment(const FolderNames& names, uint64_t seq) {
    ManifestEntry entry;
    entry.file = increment_name(names.appendfilename, seq);
    entry.seq = seq;
    entry.set(kSealsKey, "1");
    return entry;
}

}  // namespace tidemark::aof
