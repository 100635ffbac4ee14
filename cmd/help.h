// The reply to `<CONTAINER> HELP`: one line for each subcommand, framed as Redis frames it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "resp/reply.h"

namespace tidemark::cmd {

// `container` in upper case. The first and the last two lines come by themselves.
inline void write_help(resp::Reply& reply, std::string_view container,
                       std::span<const std::string_view> lines) {
    reply.array(lines.size() + 3);
    reply.simple(std::string(container) +
                 " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    for (std::string_view line : lines) reply.simple(line);
    reply.simple("HELP");
    reply.simple("    Prints this help.");
}

}  // namespace tidemark::cmd
