#include "bench/programs.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <sstream>

namespace tidemark::bench {

namespace {

// The folder that this program lies in, or one above it.
std::string own_folder(int up) {
    std::array<char, PATH_MAX> self{};
    const ssize_t n = readlink("/proc/self/exe", self.data(), self.size() - 1);
    std::string path(self.data(), n > 0 ? static_cast<size_t>(n) : 0);
    for (; up >= 0 && !path.empty(); up--) {
        const size_t slash = path.rfind('/');
        path.resize(slash == std::string::npos ? 0 : slash);
    }
    return path;
}

}  // namespace

std::string built_server_path() {
    return own_folder(1) + "/server/tidemark-server";
}

std::string delay_fs_path() {
    return own_folder(1) + "/bench/delay-fs";
}

std::string find_in_path(const std::string& name) {
    const char* path = getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string file = folder + "/" + name;
        if (access(file.c_str(), X_OK) == 0) return file;
    }
    return {};
}

}  // namespace tidemark::bench
