#include "tools/html/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace tidemark::html {

namespace {

uint32_t byte_at(std::string_view text, size_t at) {
    return static_cast<unsigned char>(text[at]);
}

// What stands at the front of a text: one character, or one byte that is part of none.
struct Character {
    size_t bytes = 1;
    uint32_t code = 0;
    bool is_valid = false;
};

size_t length_from_first(uint32_t first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

Character first_character(std::string_view text) {
    const uint32_t first = byte_at(text, 0);
    const size_t bytes = length_from_first(first);
    if (bytes == 1) return {1, first, true};
    if (bytes == 0 || bytes > text.size()) return {};
    uint32_t code = first & (0xffU >> (bytes + 1));
    for (size_t i = 1; i < bytes; ++i) {
        const uint32_t next = byte_at(text, i);
        if ((next & 0xc0) != 0x80) return {};
        code = code << 6 | (next & 0x3f);
    }
    const bool is_overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    if (is_overlong || is_surrogate || code > 0x10ffff) return {};
    return {bytes, code, true};
}

bool is_visible(uint32_t code) {
    const auto within = [code](uint32_t low, uint32_t high) { return code >= low && code <= high; };
    const bool is_control = code < 0x20 || within(0x7f, 0x9f);
    const bool is_format = code == 0xad || code == 0x61c || within(0x200b, 0x200f) ||
                           within(0x2028, 0x202e) || within(0x2060, 0x206f) || code == 0xfeff ||
                           within(0xfff9, 0xfffb) || within(0xe0000, 0xe007f);
    const bool is_no_character = (code & 0xfffe) == 0xfffe || within(0xfdd0, 0xfdef);
    return !is_control && !is_format && !is_no_character;
}

void put_visible(std::string& to, std::string_view character) {
    switch (character[0]) {
        case '&':
            to += "&amp;";
            return;
        case '<':
            to += "&lt;";
            return;
        case '>':
            to += "&gt;";
            return;
        case '"':
            to += "&quot;";
            return;
        case '\'':
            to += "&#39;";
            return;
        default:
            to += character;
    }
}

}  // namespace

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 16);
    while (!text.empty()) {
        const Character character = first_character(text);
        if (character.is_valid && is_visible(character.code)) {
            put_visible(out, text.substr(0, character.bytes));
        } else {
            for (size_t i = 0; i < character.bytes; ++i)
                fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte_at(text, i));
        }
        text.remove_prefix(character.bytes);
    }
    return out;
}

std::string escape_cut(std::string_view text, size_t bytes_max) {
    if (text.size() <= bytes_max) return escape(text);
    size_t end = bytes_max;
    // At most three steps back: further there is no character to be cut.
    for (int i = 0; i < 3 && end > 0 && (byte_at(text, end) & 0xc0) == 0x80; ++i) --end;
    return escape(text.substr(0, end)) + "&hellip;";
}

}  // namespace tidemark::html
