#include "resp/inline_args.h"

#include <cctype>

#include "base/ascii.h"

namespace tidemark::resp {

namespace {

// Between arguments any white space counts; inside an unquoted one only these end it, so that a
// vertical tab leads no argument but may be within one. That is how Redis splits.
bool is_blank(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool ends_plain(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool is_quote(char c) {
    return c == '"' || c == '\'';
}

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

// Reads what stands between double quotes; `at` is behind the opening one and is moved behind the
// closing one.
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

// An argument with quotes in it, which a closing quote ends.
bool take_quoted(std::string_view line, size_t& at, std::string& into) {
    while (at < line.size() && !ends_plain(line[at])) {
        const char c = line[at++];
        if (!is_quote(c)) {
            into.push_back(c);
            continue;
        }
        const bool closed =
            c == '"' ? take_double_quoted(line, at, into) : take_single_quoted(line, at, into);
        return closed && (at == line.size() || is_blank(line[at]));
    }
    return true;
}

}  // namespace

bool split_inline(std::string_view line, std::vector<std::string_view>& args,
                  std::deque<std::string>& unquoted) {
    const size_t args_before = args.size();
    size_t at = 0;
    for (;;) {
        while (at < line.size() && is_blank(line[at])) ++at;
        if (at == line.size()) return true;
        size_t end = at;
        while (end < line.size() && !ends_plain(line[end]) && !is_quote(line[end])) ++end;
        if (end == line.size() || ends_plain(line[end])) {
            args.push_back(line.substr(at, end - at));
            at = end;
            continue;
        }
        std::string& text = unquoted.emplace_back();
        if (!take_quoted(line, at, text)) {
            args.resize(args_before);
            return false;
        }
        args.push_back(text);
    }
}

}  // namespace tidemark::resp
