// The line that describes a client in CLIENT LIST and CLIENT INFO.
#pragma once

#include <string>

#include "cmd/server_control.h"

namespace tidemark::cmd {

// Ends with a newline. Times are of this turn.
std::string client_line(const ClientView& view, const ServerControl& server);

}  // namespace tidemark::cmd
