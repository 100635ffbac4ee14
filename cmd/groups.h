// The groups of commands, one function for each, defined in the file (or files) of that group.
// The command table is made from these.
#pragma once

#include <span>

#include "cmd/command.h"

namespace tidemark::cmd {

std::span<const CommandSpec> connection_commands();
std::span<const CommandSpec> generic_commands();
std::span<const CommandSpec> server_commands();
std::span<const CommandSpec> string_commands();
std::span<const CommandSpec> transaction_commands();

}  // namespace tidemark::cmd
