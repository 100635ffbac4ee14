// What a real redis-server holds, spelled as EventLog spells a dump's contents.
#pragma once

#include <map>
#include <string>

#include "tests/support/client.h"
#include "tests/support/server_process.h"

namespace tidemark::rdb {

// "db/name" to expiry, kind and elements. Of a stream: all that XINFO and XRANGE tell.
using ServerView = std::map<std::string, std::string>;

ServerView view_of(support::Client& client);
// FUNCTION LIST with the code, as one text.
std::string functions_of(support::Client& client);
// "db/name" to OBJECT ENCODING.
ServerView encodings_of(support::Client& client);

// A redis-server that has loaded this dump; redis-check-rdb has called it OK. Fails the test if
// not.
std::unique_ptr<support::ServerProcess> serve(const std::string& folder, std::string_view dump);

// Empty when equal, else the first differences.
std::string difference(const ServerView& expected, const ServerView& found);

}  // namespace tidemark::rdb
