// A folder below $TMPDIR that goes away with its owner, and a few things to do with files in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::support {

class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::string& path() const { return path_; }
    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
    std::string path_;
};

// Empty when there is no such file.
std::string read_text_file(const std::string& path);
void write_text_file(const std::string& path, std::string_view text);
// Files only, names from `folder`, sorted, below it at any depth.
std::vector<std::string> files_below(const std::string& folder);
void copy_folder(const std::string& from, const std::string& to);

}  // namespace tidemark::support
