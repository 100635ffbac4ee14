// What a web shop keeps in Redis: sessions, carts, queues, leaderboards, event streams, a page
// cache; every type, several databases, expiries from seconds to never. From a seed.
#pragma once

#include <cstdint>

#include "tests/support/client.h"

namespace tidemark::rdb_report {

// `scale` 1: about 3,000 keys, 1 MB. Every reply is checked.
void fill_shop(support::Client& client, int scale, uint64_t seed);

}  // namespace tidemark::rdb_report
