// All commands by name. Built once at start, read on every request.
//
// A lookup allocates nothing and copies nothing: names up to 16 bytes are compared as two
// overlapping words with their case folded by one OR. Subcommands ("CLIENT|LIST") live in the same
// slots under their container ("CLIENT"), so the separator is not something a client can send.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/command.h"

namespace tidemark::cmd {

enum class Lookup : uint8_t { kFound, kUnknownCommand, kUnknownSubcommand };

class CommandTable {
public:
    explicit CommandTable(std::span<const std::span<const CommandSpec>> groups);
    CommandTable(const CommandTable&) = delete;
    CommandTable& operator=(const CommandTable&) = delete;

    struct Match {
        const CommandSpec* spec;  // kUnknownSubcommand: the container
        Lookup outcome;
    };
    // By args[0], and args[1] where args[0] has subcommands. A container on its own is found as
    // itself; its arity then refuses it. `args` is not empty.
    Match find(Args args) const;
    // By full name in any case, as COMMAND INFO takes it: "get", "client|list". nullptr: no such.
    const CommandSpec* find_name(std::string_view full_name) const;

    // Rows, containers and subcommands together; CommandSpec::index counts through them.
    size_t size() const { return specs_.size(); }
    std::span<const CommandSpec> specs() const { return specs_; }
    // COMMAND COUNT: without subcommands.
    size_t top_level_count() const { return top_level_count_; }
    bool is_subcommand(const CommandSpec& spec) const {
        return containers_[spec.index] != kTopLevel;
    }
    bool is_container(const CommandSpec& spec) const { return is_container_[spec.index] != 0; }
    std::vector<const CommandSpec*> subcommands_of(const CommandSpec& container) const;
    // "client|list": as replies and statistics spell it.
    std::string_view lower_name(const CommandSpec& spec) const { return lower_names_[spec.index]; }

private:
    static constexpr uint32_t kTopLevel = 0xFFFF;

    // A name as two words, case folded: the first and the last eight bytes, which overlap below
    // sixteen; a shorter one is padded with its own bytes in a fixed way.
    struct Folded {
        uint64_t head;
        uint64_t tail;
    };
    struct Slot {
        Folded folded{};
        uint16_t spec = 0;  // index + 1; 0: empty
        uint16_t container = 0;
        uint16_t length = 0;
        bool compare_all = false;  // folding is not exact: other than letters inside, or long
    };

    static Folded fold(std::string_view name);
    static uint64_t slot_hash(Folded folded, size_t length, uint32_t container);
    void insert(const CommandSpec& spec, std::string_view name, uint32_t container);
    const CommandSpec* lookup(std::string_view name, uint32_t container) const;
    bool same_name(const Slot& slot, std::string_view name) const;

    std::vector<CommandSpec> specs_;
    std::vector<std::string> lower_names_;
    std::vector<uint32_t> containers_;  // of each spec: index, or kTopLevel
    std::vector<uint8_t> is_container_;
    std::vector<Slot> slots_;  // a power of two, at most a quarter full
    size_t top_level_count_ = 0;
};

// Whether that many arguments, the name included, fit the row.
inline bool arity_fits(const CommandSpec& spec, size_t arg_count) {
    return spec.arity >= 0 ? arg_count == static_cast<size_t>(spec.arity)
                           : arg_count >= static_cast<size_t>(-spec.arity);
}

// Index of the last key of `args`, 0 when there is none; with keys.first and keys.step that is
// every key.
inline size_t last_key_index(const CommandSpec& spec, size_t arg_count) {
    if (spec.keys.first == 0) return 0;
    if (spec.keys.last >= 0) return static_cast<size_t>(spec.keys.last);
    size_t from_end = static_cast<size_t>(-spec.keys.last);
    return from_end > arg_count ? 0 : arg_count - from_end;
}

// Every group of groups.h.
CommandTable make_command_table();

// The reply to a lookup that found nothing.
std::string lookup_error(const CommandTable& table, const CommandTable::Match& match, Args args);

}  // namespace tidemark::cmd
