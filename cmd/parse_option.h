// Option words in arguments: any case, and as in Redis a NUL byte ends the word.
#pragma once

#include <string_view>

namespace tidemark::cmd {

// `word` in upper case, letters only.
inline bool is_option(std::string_view arg, std::string_view word) {
    if (arg.size() < word.size()) return false;
    if (arg.size() > word.size() && arg[word.size()] != '\0') return false;
    for (size_t i = 0; i < word.size(); ++i) {
        const char upper = arg[i] >= 'a' && arg[i] <= 'z' ? static_cast<char>(arg[i] - 32) : arg[i];
        if (upper != word[i]) return false;
    }
    return true;
}

}  // namespace tidemark::cmd
