// A folder that is there whole or not at all: filled under a temporary name beside its place,
// synced, renamed, its parent synced. Gone without a trace when it is not committed.
//
// Files in it are OutputFiles (or anything that is synced by who writes it).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::tools {

class OutputFolder {
public:
    // kExists when something is there already, even an empty folder.
    static Result<std::unique_ptr<OutputFolder>> create(const std::string& path);
    ~OutputFolder();
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    // Where a file of this name is written.
    std::string place_of(std::string_view name) const;
    Status commit();

private:
    OutputFolder(std::string path, std::string temporary);

    std::string path_;
    std::string temporary_;
    bool is_committed_ = false;
};

}  // namespace tidemark::tools
