// Whether a record can be replayed, as far as that can be said without running it: a command that
// exists, with as many arguments as it takes, of a kind that a log holds; SELECT in range.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aof/codec/command_names.h"

namespace tidemark::aof_check {

class Judge {
public:
    explicit Judge(uint64_t databases = 16) : databases_(databases) {}

    // A command of a module or another server, to be taken for good.
    void accept(std::string_view name) { names_.accept(name); }

    // Why not; nullopt: it can. `args` may be cut (Item::partial), `args_total` is how many there
    // are.
    std::optional<std::string> refusal(std::span<const std::string_view> args, uint64_t args_total);

    const aof::CommandNames& names() const { return names_; }
    // Of the record judged last; nullptr when it is not known.
    const aof::CommandName* row() const { return row_; }

private:
    aof::CommandNames names_;
    uint64_t databases_;
    const aof::CommandName* row_ = nullptr;
    std::string last_name_;  // as it was spelled; empty when `row_` depends on more
};

// The key that a record is about, for a report; nullopt where there is none.
std::optional<std::string_view> first_key(const aof::CommandName& row,
                                          std::span<const std::string_view> args);

}  // namespace tidemark::aof_check
