// rdb-check without a process: what it prints and its exit code.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tools/rdb_check/modes.h"

namespace tidemark::tools {

// A FILE that is a string.
class TextFile {
public:
    TextFile() : file_(open_memstream(&text_, &size_)) {}
    ~TextFile() {
        fclose(file_);
        free(text_);
    }
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;

    FILE* file() { return file_; }
    std::string text() {
        fflush(file_);
        return {text_, size_};
    }

private:
    char* text_ = nullptr;
    size_t size_ = 0;
    FILE* file_;
};

struct ToolRun {
    int exit = -1;
    std::string out;
    std::string err;

    // Without its newline; the verdict.
    std::string last_line() const {
        const size_t end = out.empty() ? 0 : out.size() - 1;
        const size_t begin = out.rfind('\n', end == 0 ? 0 : end - 1);
        return out.substr(begin == std::string::npos ? 0 : begin + 1,
                          end - (begin == std::string::npos ? 0 : begin + 1));
    }
    bool says(std::string_view text) const { return out.find(text) != std::string::npos; }
};

inline ToolRun run_rdb_check(const std::vector<std::string>& args) {
    TextFile out;
    TextFile err;
    const NoStop stop;
    const int exit = run_tool(rdb_check::tool(), args, {out.file(), err.file(), stop});
    return {exit, out.text(), err.text()};
}

}  // namespace tidemark::tools
