// The house's rules that a program can check: who may include whom, and a few about files. Each
// rule takes text and returns what is wrong with it, so that the rules can be tested themselves.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::style {

struct Source {
    std::string path;  // from the root of the checkout, with '/'
    std::string text;
};

struct Finding {
    std::string path;
    size_t line;  // from 1; 0: the whole file
    std::string what;
};

// "engine/encoding" for "engine/encoding/listpack.h"; empty when the folder is not a room.
std::string_view room_of(std::string_view path);

// Project includes name a room from the root, one that the file's own room may include.
std::vector<Finding> check_includes(const Source& source);
// Headers begin, after their comment, with #pragma once.
std::vector<Finding> check_header(const Source& source);
std::vector<Finding> check_length(const Source& source);
// No notes to oneself, no paths of the machine it was written on.
std::vector<Finding> check_words(const Source& source);
// The tools print through tools/common/print.h.
std::vector<Finding> check_printing(const Source& source);
// Every tests/**/*_test.cc is named in the meson.build of its folder.
std::vector<Finding> check_tests_are_built(const std::vector<Source>& sources);

// All rules over all files.
std::vector<Finding> check_all(const std::vector<Source>& sources);

// Reads what the rules look at: sources, build files, scripts and pages below `root`, without
// hidden and build folders (.ci is looked at).
std::vector<Source> read_checkout(const std::string& root);

}  // namespace tidemark::style
