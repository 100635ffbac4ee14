#include "cmd/command_table.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "cmd/command_docs.h"
#include "cmd/command_info.h"
#include "cmd/command_syntax.h"
#include "cmd/errors.h"

namespace tidemark::cmd {

namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    return result;
}

CommandTable::Match find(const CommandTable& table, std::vector<std::string_view> args) {
    return table.find(args);
}

}  // namespace

TEST_CASE("cmd/table: every command is found by its name in any case, and as itself") {
    CommandTable table = make_command_table();
    for (const CommandSpec& spec : table.specs()) {
        CAPTURE(spec.name);
        std::string name = upper(spec.name);
        CHECK(table.find_name(name) == &spec);
        CHECK(table.find_name(table.lower_name(spec)) == &spec);
        name[0] = static_cast<char>(name[0] | 0x20);
        CHECK(table.find_name(name) == &spec);
        CHECK(&table.specs()[spec.index] == &spec);
    }
}

TEST_CASE("cmd/table: a name with one byte changed, added or missing is another name") {
    CommandTable table = make_command_table();
    std::set<std::string> known;
    for (const CommandSpec& spec : table.specs()) known.insert(upper(spec.name));
    for (const CommandSpec& spec : table.specs()) {
        for (size_t i = 0; i < spec.name.size(); ++i) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string name(spec.name);
                name[i] = static_cast<char>(byte);
                bool expected = known.count(upper(name)) != 0;
                bool found = table.find_name(name) != nullptr;
                if (found == expected) continue;
                CAPTURE(name);
                CHECK(found == expected);
            }
            std::string shorter(spec.name);
            shorter.erase(i, 1);
            CHECK((table.find_name(shorter) != nullptr) == (known.count(shorter) != 0));
        }
        CHECK(table.find_name(std::string(spec.name) + "X") == nullptr);
    }
    CHECK(table.find_name("") == nullptr);
    CHECK(table.find_name(std::string(100'000, 'g')) == nullptr);
}

TEST_CASE("cmd/table: a subcommand is two arguments, never one with a bar inside") {
    CommandTable table = make_command_table();
    CHECK(find(table, {"client", "list"}).spec->name == "CLIENT|LIST");
    CHECK(find(table, {"client|list"}).outcome == Lookup::kUnknownCommand);
    CHECK(find(table, {"client"}).spec->name == "CLIENT");
    CHECK(find(table, {"client", "x"}).outcome == Lookup::kUnknownSubcommand);
    CHECK(find(table, {"get", "x"}).spec->name == "GET");
    CHECK(find(table, {"command"}).spec->name == "COMMAND");
    CHECK(find(table, {"list"}).outcome == Lookup::kUnknownCommand);
}

TEST_CASE("cmd/table: what is not found is answered as Redis answers it") {
    CommandTable table = make_command_table();
    auto error = [&](std::vector<std::string_view> args) {
        return lookup_error(table, table.find(args), args);
    };
    CHECK(error({"foo"}) == "ERR unknown command 'foo', with args beginning with: ");
    CHECK(error({"foo", "a", "b"}) ==
          "ERR unknown command 'foo', with args beginning with: 'a' 'b' ");
    CHECK(error({"client", "foo"}) == "ERR unknown subcommand 'foo'. Try CLIENT HELP.");
    std::string huge(200, 'x');
    CHECK(error({huge, huge, "b"}) == "ERR unknown command '" + huge.substr(0, 128) +
                                          "', with args beginning with: '" + huge.substr(0, 128) +
                                          "' ");
}

TEST_CASE("cmd/table: every row has a doc, every doc a row, and both agree on the keys") {
    CommandTable table = make_command_table();
    for (const CommandDoc& doc : all_docs()) {
        CAPTURE(doc.name);
        CHECK(table.find_name(doc.name) != nullptr);
        CHECK_FALSE(doc.summary.empty());
    }
    for (const CommandSpec& spec : table.specs()) {
        CAPTURE(spec.name);
        REQUIRE(find_doc(spec.name) != nullptr);
        std::vector<KeySpec> keys = key_specs(spec);
        CHECK(keys.empty() == (spec.keys.first == 0));
        if (keys.empty()) continue;
        CHECK(keys[0].first == spec.keys.first);
        const KeySpec& last = keys.back();
        CHECK((last.last < 0 ? last.last : last.first + last.last) == spec.keys.last);
        CHECK(keys[0].step == spec.keys.step);
    }
}

TEST_CASE("cmd/docs: the syntax of every command parses, and asks for as much as its arity") {
    CommandTable table = make_command_table();
    for (const CommandSpec& spec : table.specs()) {
        CAPTURE(spec.name);
        size_t required = spec.name.find('|') == std::string_view::npos ? 1 : 2;
        for (const SyntaxNode& node : parse_syntax(find_doc(spec.name)->syntax)) {
            if (!node.is_optional)
                required += node.kind == SyntaxNode::Kind::kBlock ? node.children.size() : 1;
        }
        // Containers ask for a subcommand that their syntax does not show; one of several
        // spellings may be longer than one word.
        bool is_special =
            table.is_container(spec) || spec.name == "DEBUG" || spec.name == "CLIENT|SETINFO";
        if (!is_special) CHECK(required == static_cast<size_t>(std::abs(spec.arity)));
    }
}

}  // namespace tidemark::cmd
