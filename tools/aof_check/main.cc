#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "tools/aof_check/compat.h"
#include "tools/aof_check/modes.h"

int main(int argc, char** argv) {
    using namespace tidemark;
    signal(SIGPIPE, SIG_IGN);  // a closed stdout is an error like any other
    const tools::SignalStop stop;
    const tools::Console console{stdout, stderr, stop};
    const std::vector<std::string> args(argv + 1, argv + argc);
    const std::string_view called = argv[0];
    if (called.substr(called.rfind('/') + 1) == "redis-check-aof")
        return aof_check::run_redis_check_aof(args, stdin, console);
    return tools::run_tool(aof_check::tool(), args, console);
}
