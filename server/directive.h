// One row for each setting: its name in a configuration file, how its value is read, checked and
// shown, and whether CONFIG SET may change it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/config.h"

namespace tidemark::server {

using Words = std::span<const std::string>;
// What is wrong with a value, as CONFIG SET says it; nothing when it was taken.
using Refusal = std::optional<std::string>;

struct BoolKind {
    bool Config::*field;
};
enum class Unit : uint8_t { kPlain, kMemory, kOctal };
struct IntKind {
    int64_t Config::*field;
    int64_t min;
    int64_t max;
    Unit unit = Unit::kPlain;
};
struct TextKind {
    std::string Config::*field;
    Refusal (*check)(std::string_view value) = nullptr;
};
struct Choice {
    std::string_view word;
    int value;
};
struct ChoiceKind {
    std::span<const Choice> choices;  // in the order in which a refusal lists them
    int (*get)(const Config&);
    void (*set)(Config&, int);
};
enum class Shape : uint8_t { kList, kSingle };
// Anything else: takes the words of the line behind the name, of which CONFIG SET gets a list as
// one argument and a single one as it is.
struct CustomKind {
    Refusal (*set)(Config&, Words);
    std::string (*get)(const Config&);  // as CONFIG GET shows it
    // As lines of a file, without the name; nullptr: one line, the words of get().
    std::vector<std::string> (*lines)(const Config&) = nullptr;
    Shape shape = Shape::kList;
};

enum class Change : uint8_t {
    kAnyTime,
    kAtStart,    // "can't set immutable config"
    kProtected,  // "can't set protected config"
};

struct Directive {
    std::string_view name;
    std::variant<BoolKind, IntKind, TextKind, ChoiceKind, CustomKind> kind;
    Change change = Change::kAnyTime;
};

std::span<const Directive> all_directives();
// In any case; nullptr: no such setting.
const Directive* find_directive(std::string_view name);

Refusal set_directive(const Directive& directive, Config& config, Words words);
std::string show_directive(const Directive& directive, const Config& config);
// The lines of a configuration file that give this value, quoted where needed.
std::vector<std::string> directive_lines(const Directive& directive, const Config& config);

// A setting of Redis that has no meaning here yet and whose value asks for nothing: accepted with a
// line in the log. Any other value is refused. Nothing: not such a setting.
struct IgnoredDirective {
    std::string_view name;
    std::string_view value;  // the one that is accepted; "*": any
    std::string_view reason;
};
const IgnoredDirective* find_ignored_directive(std::string_view name);
bool accepts(const IgnoredDirective& ignored, Words words);

// "1gb" and the like; nothing when it is not a memory value.
std::optional<int64_t> parse_memory(std::string_view text);

}  // namespace tidemark::server
