#include "cmd/command_syntax.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/assert.h"

namespace tidemark::cmd {

namespace {

using Kind = SyntaxNode::Kind;

// Recursive descent: choices of sequences of items.
class SyntaxParser {
public:
    explicit SyntaxParser(std::string_view text) : rest_(text) {}

    std::vector<SyntaxNode> sequence() {
        std::vector<SyntaxNode> nodes;
        for (skip_blanks(); !rest_.empty() && !at(']') && !at(')') && !at('|'); skip_blanks()) {
            nodes.push_back(item());
        }
        return nodes;
    }
    bool at_end() const { return rest_.empty(); }

private:
    bool at(char c) const { return !rest_.empty() && rest_[0] == c; }
    bool take(char c) {
        if (!at(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_blanks() {
        while (take(' ')) {
        }
    }

    SyntaxNode item() {
        SyntaxNode node;
        if (take('[')) {
            node = choices(']');
            node.is_optional = true;
        } else if (take('(')) {
            node = choices(')');
        } else {
            node = atom();
        }
        if (rest_.starts_with("...")) {
            rest_.remove_prefix(3);
            node.is_multiple = true;
        }
        return node;
    }

    SyntaxNode choices(char close) {
        std::vector<SyntaxNode> options;
        do {
            options.push_back(block(sequence()));
        } while (take('|'));
        TM_ASSERT(take(close));
        if (options.size() == 1) return std::move(options[0]);
        SyntaxNode node;
        node.kind = Kind::kOneOf;
        node.name = options[0].name + "-or-" + options[1].name;
        node.children = std::move(options);
        return node;
    }

    // `TOKEN value` is one argument with a token; anything longer a block of several.
    static SyntaxNode block(std::vector<SyntaxNode> nodes) {
        TM_ASSERT(!nodes.empty());
        if (nodes.size() == 1) return std::move(nodes[0]);
        bool has_token = nodes[0].kind == Kind::kWord;
        if (has_token && nodes.size() == 2 && nodes[1].token.empty()) {
            nodes[1].token = nodes[0].token;
            return std::move(nodes[1]);
        }
        SyntaxNode node;
        node.kind = Kind::kBlock;
        node.name = nodes[0].name;
        if (has_token) {
            node.token = nodes[0].token;
            nodes.erase(nodes.begin());
        }
        node.children = std::move(nodes);
        return node;
    }

    SyntaxNode atom() {
        size_t length = std::min(rest_.find_first_of(" []()|"), rest_.size());
        length = std::min(length, rest_.find("..."));
        std::string_view word = rest_.substr(0, length);
        rest_.remove_prefix(length);
        TM_ASSERT(!word.empty());
        SyntaxNode node;
        size_t mark = word.find('@');
        if (mark != std::string_view::npos) node.key_spec = word[mark + 1] - '0';
        word = word.substr(0, mark);
        node.name = ascii_lower(word);
        if (node.name != word) {
            node.kind = Kind::kWord;
            node.token = word;
        } else if (word.starts_with("key") && node.key_spec < 0) {
            node.key_spec = 0;
        }
        return node;
    }

    std::string_view rest_;
};

std::string_view type_of(const SyntaxNode& node) {
    static constexpr std::string_view kIntegers[] = {
        "seconds",        "milliseconds", "index",     "index1",    "index2",      "db",
        "destination-db", "decrement",    "increment", "offset",    "start",       "end",
        "cursor",         "count",        "protover",  "client-id", "numreplicas", "numlocal",
        "timeout",        "min-match-len"};
    if (node.kind == Kind::kWord) return "pure-token";
    if (node.kind == Kind::kOneOf) return "oneof";
    if (node.kind == Kind::kBlock) return "block";
    if (node.key_spec >= 0) return "key";
    if (node.name == "pattern") return "pattern";
    if (node.name.starts_with("unix-time")) return "unix-time";
    bool is_integer =
        std::find(std::begin(kIntegers), std::end(kIntegers), node.name) != std::end(kIntegers);
    return is_integer ? "integer" : "string";
}

void write_node(resp::Reply& reply, const SyntaxNode& node) {
    bool is_leaf = node.children.empty();
    bool has_flags = node.is_optional || node.is_multiple;
    reply.map(2U + (is_leaf ? 1 : 0) + (node.key_spec >= 0 ? 1 : 0) + (node.token.empty() ? 0 : 1) +
              (has_flags ? 1 : 0) + (is_leaf ? 0 : 1));
    reply.bulk("name");
    reply.bulk(node.name);
    reply.bulk("type");
    reply.bulk(type_of(node));
    if (is_leaf) {
        reply.bulk("display_text");
        reply.bulk(node.name);
    }
    if (node.key_spec >= 0) {
        reply.bulk("key_spec_index");
        reply.integer(node.key_spec);
    }
    if (!node.token.empty()) {
        reply.bulk("token");
        reply.bulk(node.token);
    }
    if (has_flags) {
        reply.bulk("flags");
        reply.array((node.is_optional ? 1U : 0U) + (node.is_multiple ? 1U : 0U));
        if (node.is_optional) reply.simple("optional");
        if (node.is_multiple) reply.simple("multiple");
    }
    if (!is_leaf) {
        reply.bulk("arguments");
        write_syntax(reply, node.children);
    }
}

}  // namespace

std::vector<SyntaxNode> parse_syntax(std::string_view syntax) {
    SyntaxParser parser(syntax);
    std::vector<SyntaxNode> nodes = parser.sequence();
    TM_ASSERT(parser.at_end());
    return nodes;
}

void write_syntax(resp::Reply& reply, const std::vector<SyntaxNode>& nodes) {
    reply.array(nodes.size());
    for (const SyntaxNode& node : nodes) write_node(reply, node);
}

}  // namespace tidemark::cmd
