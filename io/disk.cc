#include "io/disk.h"

#include "base/assert.h"

namespace tidemark::io {

Result<std::string> read_file(Disk& disk, const std::string& path, uint64_t limit) {
    const std::unique_ptr<File> file = TM_TRY(disk.open(path, OpenMode::kRead));
    const uint64_t size = TM_TRY(file->size());
    if (size > limit) {
        return fail(ErrorCode::kLimit, path + " has " + std::to_string(size) +
                                           " bytes, more than the limit of " +
                                           std::to_string(limit));
    }
    std::string text(size, '\0');
    text.resize(TM_TRY(file->read_at(text.data(), text.size(), 0)));
    return text;
}

}  // namespace tidemark::io
