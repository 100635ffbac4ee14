// What COMMAND INFO shows of a row: flags and ACL categories, given and derived, and its keys.
#pragma once

#include <string_view>
#include <vector>

#include "cmd/command_table.h"

namespace tidemark::cmd {

std::vector<std::string_view> flag_names(const CommandSpec& spec);
// Without the '@'.
std::vector<std::string_view> category_names(const CommandSpec& spec);
bool is_category(std::string_view name);  // in any case

// One run of keys, as the key specifications of its doc say.
struct KeySpec {
    int first;
    int last;  // relative to first; negative: from the end
    int step;
    std::vector<std::string_view> flags;
};
std::vector<KeySpec> key_specs(const CommandSpec& spec);

// The ten fields of COMMAND INFO.
void write_command_info(resp::Reply& reply, const CommandTable& table, const CommandSpec& spec);

}  // namespace tidemark::cmd
