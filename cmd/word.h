// Option words: compared without regard to case, as every command takes them.
#pragma once

#include <string_view>

namespace tidemark::cmd {

// `word` in upper case. Only letters differ by case.
inline bool same_word(std::string_view sent, std::string_view word) {
    if (sent.size() != word.size()) return false;
    for (size_t i = 0; i < sent.size(); ++i) {
        char c = sent[i];
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
        if (c != word[i]) return false;
    }
    return true;
}

}  // namespace tidemark::cmd
