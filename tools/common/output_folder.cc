#include "tools/common/output_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "tools/common/output_file.h"

namespace tidemark::tools {

namespace {

namespace fs = std::filesystem;

Status refuse_existing(const std::string& path) {
    std::error_code error;
    if (fs::symlink_status(path, error).type() == fs::file_type::not_found) return {};
    return fail(ErrorCode::kExists,
                fmt::format("{} exists already; name a folder that does not", path));
}

std::string without_last_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

}  // namespace

Result<std::unique_ptr<OutputFolder>> OutputFolder::create(const std::string& path) {
    const std::string place = without_last_slash(path);
    TM_CHECK(refuse_existing(place));
    std::string temporary = fmt::format("{}.tmp-{}", place, getpid());
    std::error_code error;
    fs::remove_all(temporary, error);  // of a run that was killed and had our process id
    if (!fs::create_directory(temporary, error)) {
        return fail(
            system_error(error.value(), fmt::format("cannot create the folder {}", temporary)));
    }
    return std::unique_ptr<OutputFolder>(new OutputFolder(place, std::move(temporary)));
}

OutputFolder::OutputFolder(std::string path, std::string temporary)
    : path_(std::move(path)), temporary_(std::move(temporary)) {}

OutputFolder::~OutputFolder() {
    std::error_code ignored;
    if (!is_committed_) fs::remove_all(temporary_, ignored);
}

std::string OutputFolder::place_of(std::string_view name) const {
    return fmt::format("{}/{}", temporary_, name);
}

Status OutputFolder::commit() {
    TM_CHECK(sync_folder_of(place_of("")));
    TM_CHECK(refuse_existing(path_));
    // An empty folder that came meanwhile would be replaced; nothing else can be.
    if (rename(temporary_.c_str(), path_.c_str()) != 0) {
        return fail(system_error(errno, fmt::format("cannot rename {} to {}", temporary_, path_)));
    }
    is_committed_ = true;
    return sync_folder_of(path_);
}

}  // namespace tidemark::tools
