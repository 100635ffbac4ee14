#include "base/quoted_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace tidemark {

namespace {

char unescape(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'b':
            return '\b';
        case 'a':
            return '\a';
        default:
            return c;
    }
}

// What stands between double quotes; `at` is behind the opening one and is moved behind the closing
// one.
bool take_double_quoted(std::string_view line, size_t& at, std::string& into) {
    while (at < line.size()) {
        const char c = line[at++];
        if (c == '"') return true;
        if (c != '\\' || at == line.size()) {
            into.push_back(c);
            continue;
        }
        if (line[at] == 'x' && at + 2 < line.size() && hex_digit(line[at + 1]) >= 0 &&
            hex_digit(line[at + 2]) >= 0) {
            into.push_back(
                static_cast<char>(hex_digit(line[at + 1]) * 16 + hex_digit(line[at + 2])));
            at += 3;
        } else {
            into.push_back(unescape(line[at++]));
        }
    }
    return false;
}

bool take_single_quoted(std::string_view line, size_t& at, std::string& into) {
    while (at < line.size()) {
        const char c = line[at++];
        if (c == '\'') return true;
        if (c == '\\' && at < line.size() && line[at] == '\'') {
            into.push_back('\'');
            ++at;
        } else {
            into.push_back(c);
        }
    }
    return false;
}

}  // namespace

bool is_word_space(char c) {
    return c == ' ' || ('\t' <= c && c <= '\r');
}

bool ends_plain_word(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool is_quote(char c) {
    return c == '"' || c == '\'';
}

bool take_word(std::string_view line, size_t& at, std::string& into) {
    while (at < line.size() && !ends_plain_word(line[at])) {
        const char c = line[at++];
        if (!is_quote(c)) {
            into.push_back(c);
            continue;
        }
        const bool closed =
            c == '"' ? take_double_quoted(line, at, into) : take_single_quoted(line, at, into);
        return closed && (at == line.size() || is_word_space(line[at]));
    }
    return true;
}

std::optional<std::vector<std::string>> split_words(std::string_view line) {
    std::vector<std::string> words;
    size_t at = 0;
    while (true) {
        while (at < line.size() && is_word_space(line[at])) ++at;
        if (at == line.size()) return words;
        if (!take_word(line, at, words.emplace_back())) return std::nullopt;
    }
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

}  // namespace tidemark
