#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "tools/rdb_check/compat.h"
#include "tools/rdb_check/modes.h"

int main(int argc, char** argv) {
    using namespace tidemark;
    signal(SIGPIPE, SIG_IGN);  // a closed stdout is an error like any other
    const tools::SignalStop stop;
    const tools::Console console{stdout, stderr, stop};
    const std::vector<std::string> args(argv + 1, argv + argc);
    std::string_view name = argc > 0 ? argv[0] : "";
    name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
    if (name == rdb_check::kCompatName) return rdb_check::run_as_redis_check_rdb(args, console);
    return tools::run_tool(rdb_check::tool(), args, console);
}
