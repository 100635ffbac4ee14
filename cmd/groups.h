// The command groups: each is a table in the source file that has its handlers. A new group is one
// declaration and one entry in kGroups; the command table is built from kGroups.
#pragma once

#include <array>
#include <span>

#include "cmd/command.h"

namespace tidemark::cmd {

using Group = std::span<const CommandSpec> (*)();

std::span<const CommandSpec> string_commands();         // string.cc
std::span<const CommandSpec> string_range_commands();   // string_range.cc
std::span<const CommandSpec> string_number_commands();  // string_number.cc
std::span<const CommandSpec> lcs_commands();            // lcs.cc
std::span<const CommandSpec> generic_commands();        // generic.cc
std::span<const CommandSpec> database_commands();       // generic_database.cc
std::span<const CommandSpec> expire_commands();         // expire.cc
std::span<const CommandSpec> scan_commands();           // scan.cc
std::span<const CommandSpec> object_commands();         // object.cc
std::span<const CommandSpec> transaction_commands();    // transactions.cc
std::span<const CommandSpec> wait_commands();           // generic_wait.cc
std::span<const CommandSpec> connection_commands();     // connection.cc
std::span<const CommandSpec> client_commands();         // client.cc
std::span<const CommandSpec> client_kill_commands();    // client_kill.cc
std::span<const CommandSpec> server_commands();         // server.cc
std::span<const CommandSpec> command_commands();        // command_command.cc
std::span<const CommandSpec> config_commands();         // config.cc
std::span<const CommandSpec> debug_commands();          // debug.cc
std::span<const CommandSpec> memory_commands();         // memory.cc

inline constexpr auto kGroups = std::to_array<Group>({
    string_commands,  string_range_commands, string_number_commands, lcs_commands,
    generic_commands, database_commands,     expire_commands,        scan_commands,
    object_commands,  transaction_commands,  wait_commands,          connection_commands,
    client_commands,  client_kill_commands,  server_commands,        command_commands,
    config_commands,  debug_commands,        memory_commands,
});

}  // namespace tidemark::cmd
