// What is told about a command beyond its row: COMMAND DOCS and the tips and key specifications of
// COMMAND INFO.
#pragma once

#include <span>
#include <string_view>

namespace tidemark::cmd {

struct CommandDoc {
    std::string_view name;  // as in the row: "CLIENT|LIST"
    std::string_view group;
    std::string_view since;
    std::string_view summary;
    // What follows the name: lower case for values, upper case for words, [optional], (a|b) one of
    // them, x... several times. Empty: nothing.
    std::string_view syntax;
    // One for each run of keys, separated by ';': index of the first, last relative to it
    // (negative: from the end), step, then the flags.
    std::string_view keys;
    std::string_view tips = {};  // separated by blanks
};

// nullptr: nothing is known.
const CommandDoc* find_doc(std::string_view name);

// In the order of the groups.
std::span<const CommandDoc> all_docs();

}  // namespace tidemark::cmd
