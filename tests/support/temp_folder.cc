#include "tests/support/temp_folder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/assert.h"

namespace tidemark::support {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
    const char* base = std::getenv("TMPDIR");
    // Short, because a Unix socket's path has 107 bytes at most.
    path_ = std::string(base && *base ? base : "/tmp") + "/tidemark-XXXXXX";
    TM_ASSERT(mkdtemp(path_.data()) != nullptr);
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string read_text_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_text_file(const std::string& path, std::string_view text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    TM_ASSERT(!out.fail());
}

std::vector<std::string> files_below(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& item : fs::recursive_directory_iterator(folder, error)) {
        if (item.is_regular_file())
            names.push_back(item.path().lexically_relative(folder).string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

void copy_folder(const std::string& from, const std::string& to) {
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

}  // namespace tidemark::support
