// Fills a real redis-server with every type in every encoding that 7.0 has.
#pragma once

#include "tests/support/client.h"

namespace tidemark::rdb {

void fill_every_encoding(support::Client& client);

}  // namespace tidemark::rdb
