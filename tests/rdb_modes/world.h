// A dump of every type and encoding that a real redis-server wrote, once for all cases; and
// rdb-check on files.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/rdb/server_view.h"
#include "tests/rdb_check/run.h"
#include "tests/support/temp_folder.h"

namespace tidemark::rdb_check {

struct World {
    support::TempFolder folder;  // for whatever a case writes, under its own names
    std::string dump;            // path
    rdb::ServerView view;
    std::string functions;
};

const World& world();

// rdb-check with these words: its exit code must be `exit`.
tools::ToolRun run_tool(int exit, const std::vector<std::string>& args);

// A redis-server that has loaded the dump at `path`.
std::unique_ptr<support::ServerProcess> serve_file(const std::string& folder,
                                                   const std::string& path);
// What it holds is what the world's server held.
void check_same_world(support::ServerProcess& server);
// SAVE; the bytes of its dump go to `path`.
void save_to(support::ServerProcess& server, const std::string& folder, const std::string& path);

bool exists(const std::string& path);

}  // namespace tidemark::rdb_check
