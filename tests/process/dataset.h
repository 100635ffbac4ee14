// All that two servers must agree on: every key of every database with type, value and expiry.
#pragma once

#include <map>
#include <string>

#include "base/random.h"
#include "tests/support/client.h"

namespace tidemark::process {

// "db/key" to "type expire-at-ms value".
using Dataset = std::map<std::string, std::string>;

Dataset read_dataset(support::Client& client);

// Empty when equal; otherwise the first few differences.
std::string difference(const Dataset& expected, const Dataset& found);

// `count` random changes to string keys, over several databases, with expiries, renames, copies and
// transactions. Expiries are an hour away at least or already over.
void change_at_random(support::Client& client, Random& random, int count);

}  // namespace tidemark::process
