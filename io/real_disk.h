// The kernel's files. Everything is a plain system call but what is named start_..., which goes
// through the ring; any thread may use a file that it alone owns as long as it does not call that.
#pragma once

#include "io/disk.h"
#include "io/ring.h"

namespace tidemark::io {

class RealDisk final : public Disk {
public:
    // `ring` outlives the disk and its files. Null in the offline tools, which start nothing.
    explicit RealDisk(Ring* ring) : ring_(ring) {}

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Result<bool> exists(const std::string& path) override;
    Status make_folder(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& folder) override;
    Status sync_folder(const std::string& folder) override;
    bool copies_on_write(const std::string& folder) override;

private:
    Ring* ring_;
};

// Whether a file system with this statfs magic writes a block elsewhere instead of in place.
bool file_system_copies_on_write(uint64_t magic);

}  // namespace tidemark::io
