// BGREWRITEAOF of a redis-server, to its end.
#pragma once

#include "tests/support/client.h"

namespace tidemark::process {

// The running test case fails when it cannot be started or does not end.
void rewrite_log(support::Client& client);

}  // namespace tidemark::process
