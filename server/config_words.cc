#include "server/config_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace tidemark::server {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

char unescape(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'a':
            return '\a';
        case 'b':
            return '\b';
        default:
            return c;
    }
}

// Reads words off the front of a line.
class Splitter {
public:
    explicit Splitter(std::string_view line) : rest_(line) {}

    void skip_blanks() {
        while (!rest_.empty() && is_blank(rest_[0])) rest_.remove_prefix(1);
    }
    bool at_end() const { return rest_.empty(); }

    // False: a quote is not closed, or something follows it directly.
    bool next(std::string& word) {
        while (!rest_.empty() && !is_blank(rest_[0])) {
            if (rest_[0] == '"' || rest_[0] == '\'') return quoted(word);
            word += take();
        }
        return true;
    }

private:
    char take() {
        char c = rest_[0];
        rest_.remove_prefix(1);
        return c;
    }

    bool quoted(std::string& word) {
        char quote = take();
        while (!rest_.empty() && rest_[0] != quote) {
            char c = take();
            if (c != '\\' || rest_.empty()) {
                word += c;
            } else if (quote == '"') {
                word += escaped();
            } else if (rest_[0] == '\'') {
                word += take();
            } else {
                word += c;
            }
        }
        if (rest_.empty()) return false;
        take();
        return rest_.empty() || is_blank(rest_[0]);
    }

    char escaped() {
        if (rest_[0] == 'x' && rest_.size() >= 3 && hex_digit(rest_[1]) >= 0 &&
            hex_digit(rest_[2]) >= 0) {
            int value = hex_digit(rest_[1]) * 16 + hex_digit(rest_[2]);
            rest_.remove_prefix(3);
            return static_cast<char>(value);
        }
        return unescape(take());
    }

    std::string_view rest_;
};

}  // namespace

std::optional<std::vector<std::string>> split_words(std::string_view line) {
    std::vector<std::string> words;
    Splitter splitter(line);
    for (splitter.skip_blanks(); !splitter.at_end(); splitter.skip_blanks()) {
        if (!splitter.next(words.emplace_back())) return std::nullopt;
    }
    return words;
}

std::string quote_word(std::string_view word) {
    bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\' && c != '#';
    });
    if (plain) return std::string(word);
    std::string quoted = "\"";
    for (char c : word) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (c >= ' ' && c <= '~') {
            quoted += c;
        } else {
            quoted +=
                fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    return quoted + '"';
}

}  // namespace tidemark::server
