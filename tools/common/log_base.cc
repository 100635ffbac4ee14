#include "tools/common/log_base.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "aof/codec/manifest.h"

namespace tidemark::tools {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> manifests_in(const std::string& folder) {
    std::vector<std::string> found;
    std::error_code error;
    for (auto it = fs::directory_iterator(folder, error); !error && it != fs::end(it);
         it.increment(error)) {
        if (it->path().extension() == ".manifest") found.push_back(it->path().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

Result<std::string> read_manifest(const std::string& path) {
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    std::ifstream in(path, std::ios::binary);
    if (error || !in) return fail(ErrorCode::kIo, fmt::format("cannot read {}", path));
    if (size > aof::kManifestBytesMax) {
        return fail(ErrorCode::kLimit, fmt::format("{} is too large for a manifest", path));
    }
    return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace

Result<std::string> find_log_base(const std::string& folder) {
    std::string place = folder;
    std::vector<std::string> manifests = manifests_in(place);
    if (manifests.empty()) {
        place = folder + "/appendonlydir";
        manifests = manifests_in(place);
    }
    if (manifests.empty()) {
        return fail(ErrorCode::kNotFound,
                    fmt::format("{} is a folder without a log's manifest; name a file", folder));
    }
    if (manifests.size() > 1) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("{} holds several manifests; name a file", place));
    }
    std::vector<aof::ManifestProblem> problems;
    const aof::Manifest manifest =
        aof::parse_manifest(TM_TRY(read_manifest(manifests[0])), problems);
    if (!manifest.base) {
        return fail(ErrorCode::kNotFound, fmt::format("{} names no base", manifests[0]));
    }
    return place + "/" + manifest.base->file;
}

}  // namespace tidemark::tools
