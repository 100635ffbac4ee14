// What several connection commands share: passwords and client names.
#pragma once

#include <string_view>

#include "cmd/command.h"

namespace tidemark::cmd {

// Whether these credentials open the server, in time that does not depend on where they differ.
// There is one user, "default".
bool credentials_match(const ServerControl& server, std::string_view user,
                       std::string_view password);

// A name or a SETINFO value: printable, without spaces. Empty is fine.
bool is_printable_word(std::string_view text);

// As if the client had just connected, apart from its id and socket: RESET.
void reset_session(Session& session, ServerControl& server, resp::Reply& reply);

}  // namespace tidemark::cmd
