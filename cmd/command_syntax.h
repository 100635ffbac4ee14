// The arguments of a command as COMMAND DOCS describes them, from the one-line syntax of its doc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply.h"

namespace tidemark::cmd {

struct SyntaxNode {
    enum class Kind : uint8_t { kValue, kWord, kOneOf, kBlock };
    Kind kind = Kind::kValue;
    std::string name;   // of a value or word, lower case
    std::string token;  // the word that introduces it
    int key_spec = -1;  // of a key
    bool is_optional = false;
    bool is_multiple = false;
    std::vector<SyntaxNode> children;
};

// `syntax` is ours, so a mistake in it is an assertion; a test parses all of them.
std::vector<SyntaxNode> parse_syntax(std::string_view syntax);

// An array of maps, as the value of "arguments".
void write_syntax(resp::Reply& reply, const std::vector<SyntaxNode>& nodes);

}  // namespace tidemark::cmd
