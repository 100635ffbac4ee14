#include "tests/process/rewrite.h"

#include <doctest/doctest.h>

#include <thread>

namespace tidemark::process {

void rewrite_log(support::Client& client) {
    REQUIRE(!client.cmd({"BGREWRITEAOF"}).is_error());
    for (int i = 0; i < 500; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        const std::string info = client.cmd({"INFO", "persistence"}).text;
        if (info.find("aof_rewrite_in_progress:0") != std::string::npos &&
            info.find("aof_rewrite_scheduled:0") != std::string::npos)
            return;
    }
    FAIL("the rewrite did not end");
}

}  // namespace tidemark::process
