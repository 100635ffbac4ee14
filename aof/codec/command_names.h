// What Redis's commands are called and how many arguments they take: as far as somebody needs it
// who looks at a log without being able to run it.
//
// The rows are Redis 7.4's. A log holds commands that write, SELECT, MULTI and EXEC, and little
// else (PFCOUNT refreshes a cache, Redis before 7 logged scripts): those are marked.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::aof {

enum class Logged : uint8_t { kNotLogged, kLogged };

// Positions of the keys, as COMMAND INFO has them: the last one from the end where negative; all 0
// where there are none or their place depends on other arguments.
struct KeyPositions {
    int8_t first = 0;
    int8_t last = 0;
    int8_t step = 0;
};

struct CommandName {
    std::string_view name;  // upper case; "XGROUP|CREATE" for a subcommand
    int8_t arity;           // exact, or at least -arity; the name counts
    Logged logged;
    KeyPositions keys;
};

std::span<const CommandName> all_command_names();

class CommandNames {
public:
    CommandNames();

    // By args[0], and args[1] where args[0] has subcommands; nullptr where there is no such
    // command. `args` is not empty.
    const CommandName* find(std::span<const std::string_view> args) const;

    // Commands of modules and of other servers, accepted with any number of arguments.
    void accept(std::string_view name);

private:
    static constexpr size_t kSlots = 2048;  // a quarter full
    static constexpr size_t kNameMax = 64;

    const CommandName* lookup(std::string_view upper) const;

    std::array<uint16_t, kSlots> slots_{};  // index + 1 into rows_
    std::vector<CommandName> rows_;
    std::vector<uint8_t> has_subcommands_;
    std::vector<std::shared_ptr<const std::string>> accepted_;  // names that rows_ points to
    void insert(const CommandName& row);
};

inline bool arity_fits(const CommandName& row, uint64_t args) {
    return row.arity >= 0 ? args == static_cast<uint64_t>(row.arity)
                          : args >= static_cast<uint64_t>(-row.arity);
}

}  // namespace tidemark::aof
